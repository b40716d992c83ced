/** `tsalt migrate`: for those who come over from Salt. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { Console } from './console.ts'

const usage = `Usage: tsalt migrate check [options] FOLDER...
       tsalt migrate compare [options] LOW.json

  check     what of a Salt tree runs in tsalt as it stands: no master is needed
  compare   what Salt made of a tree (salt-call state.show_lowstate --out=json), beside what tsalt makes of it

Each has its own --help.
`

export async function runMigrate(words: readonly string[], console: Console): Promise<number> {
  const [command, ...rest] = words
  if (command === 'check') return (await import('./migrate-check.ts')).runMigrateCheck(rest, console)
  if (command === 'compare') return (await import('./migrate-compare.ts')).runMigrateCompare(rest, console)
  if (command === '--help' || command === '-h') {
    console.out(usage)
    return 0
  }
  const reason = command === undefined ? 'migrate what?' : `there is no "tsalt migrate ${command}"`
  throw new TsaltError(
    'usage-wrong',
    { reason },
    { hint: 'tsalt migrate check FOLDER, or tsalt migrate compare LOW.json' },
  )
}
