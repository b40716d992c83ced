/** One key of a terminal, taken as it is pressed. */
import type { ReadStream } from 'node:tty'

export const interruptKey = '\u0003'
const endKey = '\u0004'

/**
 * The terminal is as before when it returns, and when the program ends meanwhile. What was pressed with it (the rest of
 * an arrow's sequence, of something pasted) is dropped.
 * @returns undefined at the end of the input, at Ctrl-D, or when `signal` aborts; Enter is `\n`
 */
export function readKey(stdin: ReadStream, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const restore = (): void => void stdin.setRawMode(false)
    const done = (key: string | undefined): void => {
      stdin.off('data', take)
      stdin.off('end', none)
      stdin.off('error', none)
      signal?.removeEventListener('abort', none)
      process.off('exit', restore)
      try {
        restore()
      } catch {
        // The terminal is gone, and its modes with it.
      }
      stdin.pause()
      resolve(key)
    }
    const none = (): void => done(undefined)
    const take = (chunk: Buffer | string): void => {
      const [key] = chunk.toString()
      done(key === endKey ? undefined : key === '\r' ? '\n' : key)
    }
    stdin.on('data', take)
    stdin.on('end', none)
    stdin.on('error', none)
    signal?.addEventListener('abort', none, { once: true })
    process.on('exit', restore)
    stdin.setRawMode(true)
    stdin.resume()
    if (signal?.aborted) none()
  })
}
