/** postgres_cluster.*: servers of PostgreSQL on one machine, as Debian's postgresql-common manages them. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import { Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Reader } from '../system/reader.ts'
import { drift, failed, inSync, type StateRun, stateFunction, stateModule } from './contract.ts'
import { requireProgram } from './required-program.ts'
import { runSteps } from './steps.ts'

const word = (what: string, form: RegExp) =>
  shaped<string>({
    words: what,
    json: { type: ['string', 'number'] },
    read: (value) => {
      const read = v.safeParse(text, value)
      return read.success && form.test(read.output) ? read.output : new Mismatch(`${what} is expected`)
    },
  })

const entries = {
  name: needed(
    word('a name of letters, digits, "_", "-", "."', /^\w[\w.-]*$/),
    'Name of the cluster: `main`.',
  ),
  version: needed(word('a version such as 15', /^\d+(?:\.\d+)?$/), "Version of its server: `'15'`."),
}

interface Cluster {
  readonly port: number
  readonly directory: string
}

async function clusterNamed(version: string, name: string, look: Reader): Promise<Cluster | undefined> {
  const { stdout } = await look.commands.query(['pg_lsclusters', '--no-header'])
  const fields = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([itsVersion, itsName]) => itsVersion === version && itsName === name)
  return fields && { port: Number(fields[2]), directory: fields[5] ?? '' }
}

const tools = (look: Reader, run: StateRun) =>
  requireProgram({ program: 'pg_lsclusters', package: 'postgresql-common' }, look, run)

const present = stateFunction({
  summary:
    'Makes sure that a cluster exists: one more server of PostgreSQL on the machine, with files and port of its own.',
  args: v.strictObject({
    ...entries,
    port: optional(whole, 'Its port. Not given: the next that is free.'),
    encoding: optional(nonEmptyText, 'Encoding of its databases by default.'),
    locale: optional(nonEmptyText, 'Locale of its databases by default.'),
    datadir: optional(absolutePath, 'Where its files are. Default: `/var/lib/postgresql/VERSION/NAME`.'),
  }),
  examples: ["reports:\n  postgres_cluster.present:\n    - version: '15'\n    - port: 5433\n"],
  async check({ name, version, port, encoding, locale, datadir }, look, run) {
    const lacking = await tools(look, run)
    if (lacking) return lacking
    const title = `${version}/${name}`
    const now = await clusterNamed(version, name, look)
    if (now) {
      const wrong = [
        port !== undefined && port !== now.port ? `its port is ${now.port}, not ${port}` : '',
        datadir !== undefined && datadir !== now.directory
          ? `its files are in ${now.directory}, not ${datadir}`
          : '',
      ].filter((one) => one !== '')
      return wrong.length === 0
        ? inSync(`Cluster ${title} is already present`)
        : failed(
            `Cluster ${title} has wrong parameters which couldn't be changed on fly: ${wrong.join('; ')}`,
            'Change them in its postgresql.conf (file.replace), or correct the arguments.',
          )
    }
    const comments = {
      would: `Cluster ${title} is set to be created`,
      done: `The cluster ${title} has been created`,
    }
    const argv = [
      'pg_createcluster',
      ...(port === undefined ? [] : [`--port=${port}`]),
      ...(encoding === undefined ? [] : [`--encoding=${encoding}`]),
      ...(locale === undefined ? [] : [`--locale=${locale}`]),
      ...(datadir === undefined ? [] : [`--datadir=${datadir}`]),
      version,
      name,
    ]
    // Without --stop it refuses where the cluster has been started, and so has been used, since.
    const undo = [{ argv: ['pg_dropcluster', version, name] }]
    return drift({ [title]: 'Present' }, comments, (act) =>
      runSteps([{ argv, undo }], act, `Failed to create cluster ${title}`),
    )
  },
})

const absent = stateFunction({
  summary:
    'Makes sure that a cluster does not exist. It is stopped, and all its databases are lost: no undo brings them back.',
  args: v.strictObject(entries),
  examples: ["reports:\n  postgres_cluster.absent:\n    - version: '15'\n"],
  async check({ name, version }, look, run) {
    const lacking = await tools(look, run)
    if (lacking) return lacking
    const title = `${version}/${name}`
    if (!(await clusterNamed(version, name, look)))
      return inSync(`Cluster ${title} is not present, so it cannot be removed`)
    const comments = {
      would: `Cluster ${title} is set to be removed`,
      done: `Cluster ${title} has been removed`,
    }
    return drift({ [name]: 'Absent' }, comments, (act) =>
      runSteps(
        [
          {
            argv: ['pg_dropcluster', '--stop', version, name],
            lost: 'databases that are dropped are nowhere kept',
          },
        ],
        act,
        `Failed to remove cluster ${title}`,
      ),
    )
  },
})

export const postgresCluster = stateModule({
  summary: 'Servers of PostgreSQL on one machine, as Debian manages them.',
  functions: { present, absent },
})
