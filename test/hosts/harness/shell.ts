/** Commands on the outer machine, for the harness only. */
import { spawn } from 'node:child_process'

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Never throws for a non-zero exit. */
export function execute(
  argv: readonly string[],
  options: { input?: string; timeout?: number } = {},
): Promise<Output> {
  const [program = '', ...rest] = argv
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeout ?? 300_000,
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: String(error) }))
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? (signal ? 143 : 1),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    )
    // A program that ends without reading its input is no error of the test.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a shell text; a failure is an error with what it printed. */
export async function must(script: string, input?: string): Promise<string> {
  const result = await execute(
    ['bash', '-euo', 'pipefail', '-c', script],
    input === undefined ? {} : { input },
  )
  if (result.code !== 0)
    throw new Error(`${script}\nexited ${result.code}\n${result.stdout}\n${result.stderr}`)
  return result.stdout
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Asks again and again until the answer is not undefined. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`gave up after ${seconds} s: ${what}`)
    await pause(100)
  }
}
