/** rabbitmq_user.*: users of a RabbitMQ server, with their tags and permissions. */
import * as v from 'valibot'
import { isDict, isList, type Plain, type Value } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { readMapping } from '../../shared/schema/collections.ts'
import { inOneLine } from '../../shared/schema/in-one-line.ts'
import { flag, readText, text } from '../../shared/schema/scalars.ts'
import { Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Broker, BrokerUser, Definitions } from '../databases/rabbitmq/broker.ts'
import { isPassword } from '../databases/rabbitmq/password-hash.ts'
import type { Changer } from '../system/changer.ts'
import {
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { madeEarlier } from './database-trouble.ts'
import { brokerName, onRabbitmq, runas } from './rabbitmq-server.ts'
import { missingUnlessBrought } from './required-program.ts'

type Three = readonly [configure: string, write: string, read: string]

const permissions = shaped<ReadonlyMap<string, Three>>({
  words: 'mapping of virtual host to three patterns',
  json: { anyOf: [{ type: 'array', items: { type: 'object' } }, { type: 'object' }] },
  read(value) {
    const given = isList(value) && value.length === 0 ? new Map<string, Value>() : readMapping(value)
    const read = new Map<string, Three>()
    for (const [vhost, patterns] of given ?? []) {
      const three = isList(patterns) ? patterns.map((one) => (one === null ? '' : readText(one))) : []
      if (three.length !== 3 || three.includes(undefined))
        return new Mismatch(`${String(vhost)}: three patterns are expected: configure, write, read`)
      read.set(String(vhost), three as unknown as Three)
    }
    return given ? read : new Mismatch('virtual hosts, each with three patterns, are expected')
  },
})
const tagList = shaped<string[]>({
  words: 'list of text',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read(value) {
    const texts = isList(value) ? value.map(readText) : (readText(value)?.split(/[\s,]+/) ?? [undefined])
    const bad = texts.find((one) => one === undefined || one.startsWith('-'))
    if (isDict(value) || texts.includes(undefined) || bad !== undefined)
      return new Mismatch('tags are expected: [administrator]')
    return texts.filter((one): one is string => one !== undefined && one !== '')
  },
})

const presentArgs = v.strictObject({
  name: needed(brokerName, 'Name of the user.'),
  password: optional(inOneLine(text), 'The password. It is changed where the user has another.'),
  force: defaulted(flag, false, 'True: without a password the one that the user has is taken away.'),
  tags: optional(
    tagList,
    'What the user may do with the server: `[administrator]`, `[monitoring]`. Others go.',
  ),
  perms: optional(
    permissions,
    'Virtual hosts, each with the patterns for configure, write and read. Others stay.',
  ),
  runas,
})
type Arguments = v.InferOutput<typeof presentArgs>

const tagsOf = ({ tags }: BrokerUser): string[] =>
  typeof tags === 'string' ? tags.split(',').filter((tag) => tag !== '') : [...tags]

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((one) => b.includes(one))

interface Plan {
  readonly user: BrokerUser | undefined
  readonly all: Definitions
  readonly password: 'set' | 'clear' | 'keep'
  readonly tags: readonly string[] | undefined
  readonly perms: readonly (readonly [string, Three])[]
}

const permissionOf = (all: Definitions, name: string, vhost: string) =>
  all.permissions.find((one) => one.user === name && one.vhost === vhost)

function planOf(wanted: Arguments, all: Definitions): Plan | string {
  const { name, password, force, tags } = wanted
  const user = all.users.find((one) => one.name === name)
  const same = user && password ? isPassword(password, user.password_hash, user.hashing_algorithm) : true
  if (same === undefined) return user?.hashing_algorithm ?? ''
  const clears = force && !password && (user?.password_hash ?? '') !== ''
  const perms = [...(wanted.perms ?? [])].filter(([vhost, [configure, write, read]]) => {
    const now = permissionOf(all, name, vhost)
    return !now || now.configure !== configure || now.write !== write || now.read !== read
  })
  return {
    user,
    all,
    password: same === false ? 'set' : clears ? 'clear' : 'keep',
    tags: tags !== undefined && !sameSet(tags, user ? tagsOf(user) : []) ? tags : undefined,
    perms,
  }
}

function changesOf({ name }: Arguments, { user, all, password, tags, perms }: Plan): Record<string, Plain> {
  const changes: Record<string, Plain> = {}
  if (!user) changes.user = { old: '', new: name }
  else if (password === 'set') changes.password = { old: '', new: 'Set password.' }
  else if (password === 'clear') changes.password = { old: 'Removed password.', new: '' }
  if (tags) changes.tags = { old: user ? tagsOf(user) : [], new: [...tags] }
  if (perms.length > 0) {
    const before = perms.flatMap(([vhost]) => {
      const now = permissionOf(all, name, vhost)
      return now ? [[vhost, [now.configure, now.write, now.read]] as const] : []
    })
    changes.perms = {
      old: Object.fromEntries(before),
      new: Object.fromEntries(perms.map(([vhost, three]) => [vhost, [...three]])),
    }
  }
  return changes
}

async function apply({ name, password }: Arguments, plan: Plan, broker: Broker, act: Changer): Promise<void> {
  const { user, all } = plan
  const control = (...words: string[]): string[] => ['rabbitmqctl', '-q', ...words]
  const back = user ? [broker.putBack({ users: [user] })] : []
  if (!user) {
    // Without one nobody can log in until it is given one: what it is made with is taken away again.
    await broker.change(act, control('add_user', name), password || crypto.randomUUID(), [
      broker.step(control('delete_user', name)),
    ])
    if (!password) await broker.change(act, control('clear_password', name), undefined, [])
  } else if (plan.password === 'set')
    await broker.change(act, control('change_password', name), password, back)
  else if (plan.password === 'clear')
    await broker.change(act, control('clear_password', name), undefined, back)
  if (plan.tags) await broker.change(act, control('set_user_tags', name, ...plan.tags), undefined, back)
  for (const [vhost, three] of plan.perms) {
    const now = permissionOf(all, name, vhost)
    const undo = now
      ? broker.putBack({ permissions: [now] })
      : broker.step(control('clear_permissions', '-p', vhost, name))
    await broker.change(
      act,
      control('set_permissions', '-p', vhost, name, ...three),
      undefined,
      user ? [undo] : [],
    )
  }
}

async function decide(wanted: Arguments, broker: Broker, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const plan = planOf(wanted, await broker.definitions())
  if (typeof plan === 'string')
    return failed(
      `The password of ${name} is kept by ${plan}, which cannot be compared`,
      'Leave "password" out for this user.',
    )
  const unknownHost = plan.perms.find(([vhost]) => !plan.all.vhosts.some((one) => one.name === vhost))
  if (unknownHost)
    return missingUnlessBrought(
      `There is no virtual host ${unknownHost[0]}`,
      'Make it in an earlier state (rabbitmq_vhost.present), and require that.',
      madeEarlier('rabbitmq'),
      run,
    )
  const changes = changesOf(wanted, plan)
  if (Object.keys(changes).length === 0)
    return inSync(
      wanted.tags || wanted.perms
        ? `'${name}' is already in the desired state.`
        : `User '${name}' is already present.`,
    )
  const comments = {
    would: plan.user ? `Configuration for '${name}' will change.` : `User '${name}' is set to be created.`,
    done: `'${name}' was configured.`,
  }
  return drift(changes, comments, (act) => apply(wanted, plan, broker, act))
}

const present = stateFunction({
  summary: 'Makes sure that a user exists, with this password, these tags and permissions.',
  args: presentArgs,
  examples: [
    "app:\n  rabbitmq_user.present:\n    - password: change-me\n    - tags: [monitoring]\n    - perms:\n      - /:\n        - '.*'\n        - '.*'\n        - '.*'\n",
  ],
  refuse: ({ perms }) => {
    const wrong = [...(perms ?? [])].find(([vhost, three]) =>
      [vhost, ...three].some((one) => one.startsWith('-')),
    )
    return (
      wrong && {
        argument: 'perms',
        reason: `${wrong[0]}: what begins with "-" would be an option of rabbitmqctl`,
      }
    )
  },
  check: (wanted, look, run) => onRabbitmq(wanted.runas, look, run, (broker) => decide(wanted, broker, run)),
})

const absent = stateFunction({
  summary: 'Makes sure that a user does not exist.',
  args: v.strictObject({ name: needed(brokerName, 'Name of the user.'), runas }),
  examples: ['guest:\n  rabbitmq_user.absent: []\n'],
  check: ({ name, runas: account }, look, run) =>
    onRabbitmq(account, look, run, async (broker) => {
      const all = await broker.definitions()
      const user = all.users.find((one) => one.name === name)
      if (!user) return inSync(`The user '${name}' is not present.`)
      const comments = {
        would: `The user '${name}' will be removed.`,
        done: `The user '${name}' was removed.`,
      }
      const of = (list: unknown) =>
        Array.isArray(list) ? list.filter((one: { user?: string }) => one.user === name) : []
      const back = broker.putBack({
        users: [user],
        permissions: of(all.permissions),
        topic_permissions: of(all.topic_permissions),
      })
      return drift({ name: { old: name, new: '' } }, comments, async (act) => {
        await broker.change(act, ['rabbitmqctl', '-q', 'delete_user', name], undefined, [back])
      })
    }),
})

export const rabbitmqUser = stateModule({
  summary: 'Users of RabbitMQ.',
  functions: { present, absent },
})
