/** pkgrepo.*: where packages come from. */
import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  type Failed,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from '../contract.ts'
import { refreshLists } from '../pkg/refresh.ts'
import { aptAbsent, aptManaged } from './apt.ts'
import { absentArguments, managedArguments } from './arguments.ts'
import type { RepositoryPlan } from './plan.ts'
import { yumAbsent, yumManaged } from './yum.ts'

/** By os_family: where the .repo files are. */
export const repositoryFolders: Readonly<Record<string, string>> = {
  RedHat: '/etc/yum.repos.d',
  Suse: '/etc/zypp/repos.d',
}

interface Ways {
  apt(): Promise<RepositoryPlan | Failed>
  yum(folder: string): Promise<RepositoryPlan | Failed>
}

async function planFor(look: Reader, ways: Ways): Promise<RepositoryPlan | Failed> {
  const family = String(look.grains.get('os_family') ?? 'unknown')
  const folder = repositoryFolders[family]
  if (family === 'Debian') return ways.apt()
  if (folder !== undefined) return ways.yum(folder)
  return failed(
    `tsalt does not know the package repositories of this system (os_family ${family})`,
    `There are: Debian, ${Object.keys(repositoryFolders).join(', ')}.`,
  )
}

function decision(
  plan: RepositoryPlan,
  refresh: boolean | undefined,
  words: { already: string; would: string; done: string },
): Decision {
  if (Object.keys(plan.changes).length === 0) return inSync(words.already)
  return drift(plan.changes, words, async (act): Promise<Applied | undefined> => {
    await plan.apply(act)
    try {
      await refreshLists(refresh === false ? false : true, act)
      return undefined
    } catch (error) {
      if (!isTsaltError(error)) throw error
      return {
        ok: false,
        changes: plan.changes,
        comment: `${words.done}, but the lists of packages cannot be fetched: ${error.message}`,
      }
    }
  })
}

const managed = stateFunction({
  summary: 'Makes sure that a repository of packages is configured, with its key.',
  args: managedArguments,
  examples: [
    'postgresql:\n  pkgrepo.managed:\n    - name: deb https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main\n    - file: /etc/apt/sources.list.d/pgdg.list\n    - key_url: salt://postgresql/pgdg.asc\n',
    'grafana:\n  pkgrepo.managed:\n    - name: deb https://apt.grafana.com stable main\n    - file: /etc/apt/sources.list.d/grafana.sources\n    - signedby: /etc/apt/keyrings/grafana.gpg\n    - key_url: salt://grafana/grafana.asc\n',
  ],
  refuse: ({ disabled, enabled, key_url, allow_insecure_key, copr }) => {
    if (copr !== undefined && !/^[@\w.-]+\/[\w.+-]+$/.test(copr))
      return { argument: 'copr', reason: `"${copr}" is no USER/PROJECT` }
    if (disabled !== undefined && enabled !== undefined && disabled === enabled)
      return { argument: 'enabled', reason: 'it contradicts disabled' }
    if (!allow_insecure_key && key_url?.startsWith('http://'))
      return { argument: 'key_url', reason: 'the key comes without TLS, and allow_insecure_key is False' }
    return undefined
  },
  async check(wanted, look, run: StateRun) {
    const plan = await planFor(look, {
      apt: () => aptManaged(wanted, look, run),
      yum: (folder) => yumManaged(wanted, folder, look),
    })
    if (plan.kind === 'failed') return plan
    const name = wanted.ppa === undefined ? wanted.name : `ppa:${wanted.ppa.replace(/^ppa:/, '')}`
    return decision(plan, wanted.refresh ?? wanted.refresh_db, {
      already: `Package repo '${name}' already configured`,
      would: `Package repo '${name}' would be configured`,
      done: `Configured package repo '${name}'`,
    })
  },
})

const absent = stateFunction({
  summary: 'Makes sure that a repository of packages is not configured.',
  args: absentArguments,
  examples: ['deb https://apt.example.org stable main:\n  pkgrepo.absent: []\n'],
  async check(wanted, look, run) {
    const plan = await planFor(look, {
      apt: () => aptAbsent(wanted, look, run),
      yum: (folder) => yumAbsent(wanted, folder, look),
    })
    if (plan.kind === 'failed') return plan
    const { name } = wanted
    return decision(plan, wanted.refresh, {
      already: `Package repo ${name} is absent`,
      would: `Package repo '${name}' will be removed. This may cause pkg states to behave differently than stated`,
      done: `Removed repo ${name}`,
    })
  },
})

export const pkgrepo = stateModule({ summary: 'Where packages come from.', functions: { managed, absent } })
