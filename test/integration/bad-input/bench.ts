/** A folder to make mistakes in: trees, a configuration below a scratch root, and the programs as a user runs them. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Where the bundles are: dist/, unless somebody who changes them meanwhile says otherwise. */
export const programs = process.env.TSALT_PROGRAMS ?? resolve(import.meta.dirname, '../../../dist')

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-bad-input-'))

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts)
  }

  write(path: string, text: string): string {
    const file = this.path(path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  has(path: string): boolean {
    return existsSync(this.path(path))
  }

  /** Runs a program to its end. */
  run(program: string, args: readonly string[], options: { input?: string } = {}): Promise<Said> {
    const environment = { ...process.env, LC_ALL: 'C.UTF-8', TSALT_CONFIG_DIR: undefined }
    return new Promise((done, failed) => {
      const child = spawn(process.execPath, [join(programs, `${program}.cjs`), ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: environment,
      })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk) => {
        stdout += chunk
      })
      child.stderr.on('data', (chunk) => {
        stderr += chunk
      })
      child.on('error', failed)
      child.on('close', (code) => done({ code: code ?? 1, stdout, stderr }))
      child.stdin.on('error', () => undefined)
      child.stdin.end(options.input ?? '')
    })
  }

  /** `tsalt-call --local` on the trees states/ and pillar/ of this folder. */
  call(...words: readonly string[]): Promise<Said> {
    for (const tree of ['states', 'pillar']) mkdirSync(this.path(tree), { recursive: true })
    const roots = ['--file-root', this.path('states'), '--pillar-root', this.path('pillar')]
    return this.run('tsalt-call', [
      '--local',
      '--id',
      'bench',
      '--root-dir',
      this.path('root'),
      ...roots,
      ...words,
    ])
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
