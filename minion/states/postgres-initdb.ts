/** postgres_initdb.*: data directories of PostgreSQL, for servers that the distribution does not set up itself. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { inOneLine } from '../../shared/schema/in-one-line.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { settingsOf } from '../databases/settings.ts'
import type { Reader } from '../system/reader.ts'
import { drift, inSync, type StateRun, stateFunction, stateModule } from './contract.ts'
import { given } from './given.ts'
import { requireProgram } from './required-program.ts'
import { runSteps } from './steps.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The data directory.'),
  auth: defaulted(nonEmptyText, 'password', 'How pg_hba.conf has users log in: `scram-sha-256`, `peer`.'),
  user: optional(nonEmptyText, 'Name of the superuser. Default: as `runas`.'),
  password: optional(inOneLine(text), 'Password of the superuser.'),
  encoding: defaulted(nonEmptyText, 'UTF8', 'Encoding of its databases by default.'),
  locale: optional(nonEmptyText, 'Locale of its databases by default.'),
  waldir: optional(absolutePath, 'Where the write-ahead log is.'),
  checksums: defaulted(flag, false, 'True: pages have checksums.'),
  runas: defaulted(accountName, 'postgres', 'Account that the directory belongs to.'),
})
type Arguments = v.InferOutput<typeof args>

async function initdb(look: Reader, run: StateRun): Promise<string> {
  const folder = settingsOf(look, run.config)('postgres.bins_dir')
  return folder === undefined ? 'initdb' : `${folder.replace(/\/$/, '')}/initdb`
}

/** The password is told by the standard input, which initdb reads as a file. */
const words = (wanted: Arguments): string[] => [
  `--pgdata=${wanted.name}`,
  `--username=${wanted.user ?? wanted.runas}`,
  `--auth=${wanted.auth}`,
  `--encoding=${wanted.encoding}`,
  ...(wanted.locale === undefined ? [] : [`--locale=${wanted.locale}`]),
  ...(wanted.waldir === undefined ? [] : [`--waldir=${wanted.waldir}`]),
  ...(wanted.checksums ? ['--data-checksums'] : []),
  ...(wanted.password === undefined ? [] : ['--pwfile=/dev/stdin']),
]

const present = stateFunction({
  summary: 'Makes sure that a directory is a data directory of PostgreSQL. An undo leaves it.',
  args,
  examples: [
    '/srv/postgresql/data:\n  postgres_initdb.present:\n    - auth: scram-sha-256\n    - password: change-me\n    - checksums: True\n',
  ],
  async check(wanted, look, run) {
    if (await look.files.infoFollowed(`${wanted.name}/PG_VERSION`))
      return inSync(`Postgres data directory ${wanted.name} is already present`)
    const program = await initdb(look, run)
    const lacking = await requireProgram({ program, package: 'postgresql' }, look, run)
    if (lacking) return lacking
    const comments = {
      would: `Postgres data directory ${wanted.name} is set to be initialized`,
      done: `Postgres data directory ${wanted.name} has been initialized`,
    }
    const { runas, password } = wanted
    return drift({ [wanted.name]: 'Present' }, comments, (act) =>
      runSteps(
        [
          {
            argv: [program, ...words(wanted)],
            runas,
            ...given({ stdin: password === undefined ? undefined : `${password}\n` }),
          },
        ],
        act,
        `Failed to initialize Postgres data directory ${wanted.name}`,
      ),
    )
  },
})

export const postgresInitdb = stateModule({
  summary: 'Data directories of PostgreSQL.',
  functions: { present },
})
