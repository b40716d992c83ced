/** `--args-stdin`: further options and arguments, one a line of standard input. */
import type { Console } from './console.ts'

const flag = '--args-stdin'

/** @returns the words as they were typed, with those of standard input behind them where they are asked for */
export async function withInput(typed: readonly string[], console: Console): Promise<readonly string[]> {
  const end = typed.indexOf('--')
  const at = typed.indexOf(flag)
  if (at < 0 || (end >= 0 && at > end)) return typed
  const text = await console.allInput()
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  return [...typed, ...lines]
}
