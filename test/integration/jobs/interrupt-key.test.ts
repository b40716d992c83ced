/** Ctrl-C on a real terminal: one key answers, and the terminal is as it was before. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { programs } from '../stage/daemon.ts'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
}, 60_000)
afterAll(() => stage.close())

/**
 * A shell on a terminal of its own that runs a long job, and then says how the terminal is.
 * Which shell is said here, and that it goes on after Ctrl-C: `script` takes the one of `$SHELL`, and not each goes on.
 */
function onTerminal() {
  const root = join(stage.folder, 'm')
  const words = `trap : INT; stty cols 80 rows 24; ${process.execPath} ${join(programs, 'tsalt.cjs')} --root-dir ${root} one cmd.run 'sleep 60'; echo "exit $?"; stty -a`
  const child = spawn('script', ['-qfec', words, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh' },
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const shows = (text: string, times = 1) =>
    until(`"${text}" on the terminal`, 10, async () => said.split(text).length > times || undefined)
  return {
    shows,
    said: () => said,
    press: (key: string) => child.stdin.write(key),
    ended: () => (child.exitCode === null ? once(child, 'exit') : undefined),
  }
}

it.each([
  ['l', 'exit 130'],
  ['\u0003', 'exit 130'],
  ['\r', 'exit 130'],
  ['c', 'Told 1 minion to end it.'],
])('%j answers without Enter', { timeout: 60_000 }, async (key, outcome) => {
  const terminal = onTerminal()
  await terminal.shows('Ctrl-C:')
  terminal.press('\u0003')
  await terminal.shows('atch on? ')
  terminal.press(key)
  await terminal.shows(outcome)
  await terminal.ended()
  expect(terminal.said()).toMatch(/[^-]icanon/)
  expect(terminal.said()).toMatch(/[^-]echo /)
  expect(terminal.said()).toMatch(/[^-]isig/)
})
