/** Asks for a password on the terminal without showing it, or takes the first line of what is piped in; never of argv. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { Console } from './console.ts'

/** One that is known already. @throws TsaltError `usage-wrong` where there is none */
export const readPassword = (console: Console, question: string): Promise<string> =>
  console.inIsTerminal ? hidden(console, question) : readPiped(console)

/** @throws TsaltError `usage-wrong` where there is none, or the two are not the same */
export async function readNewPassword(console: Console, user: string): Promise<string> {
  if (!console.inIsTerminal) return readPiped(console)
  const first = await hidden(console, `New password of ${user}: `)
  const second = await hidden(console, 'The same again: ')
  if (first !== second) throw new TsaltError('usage-wrong', { reason: 'The two passwords differ' })
  return first
}

async function readPiped(console: Console): Promise<string> {
  const line = await console.ask('')
  if (line === undefined || line === '')
    throw new TsaltError(
      'usage-wrong',
      { reason: 'No password came on standard input' },
      { hint: 'Type it on a terminal, or pipe one line in.' },
    )
  return line.replace(/\r$/, '')
}

function hidden(console: Console, question: string): Promise<string> {
  const { stdin } = process
  console.err(question)
  stdin.setRawMode(true)
  stdin.resume()
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const done = (end: () => void): void => {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
      console.err('\n')
      end()
    }
    const take = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') {
          done(() => resolve(typed.join('')))
          return
        }
        if (character === '\u0003' || character === '\u0004') {
          done(() => reject(new TsaltError('usage-wrong', { reason: 'No password was given' })))
          return
        }
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1)
        else if (character === '\u0015') typed = []
        else if (character >= ' ') typed.push(character)
      }
    }
    stdin.on('data', take)
  })
}
