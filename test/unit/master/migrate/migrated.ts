/** Runs `tsalt migrate …` and keeps what it wrote. */
import type { Console } from '../../../../master/cli/console.ts'
import { runGuarded } from '../../../../master/cli/entry.ts'
import { runTsalt } from '../../../../master/cli/tsalt-program.ts'
import { systemClock } from '../../../../shared/clock.ts'

export interface Migrated {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function migrated(...words: string[]): Promise<Migrated> {
  const written = { out: '', err: '' }
  const console: Console = {
    clock: systemClock,
    env: { LANG: 'C.UTF-8' },
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    out: (text) => {
      written.out += text
    },
    outDrained: () => undefined,
    err: (text) => {
      written.err += text
    },
    size: () => ({ columns: 80, rows: 24 }),
    onInterrupt: () => () => undefined,
    allInput: async () => '',
    ask: () => Promise.resolve(undefined),
    key: () => Promise.resolve(undefined),
  }
  const code = await runGuarded(runTsalt, ['migrate', ...words], console)
  return { code, ...written }
}
