/** `key.*` of the wheel, with Salt's names and shapes of answers. */
import { type Dict, isDict, isList, type Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { formatFingerprint } from '../../shared/ids.ts'
import { readFlag, readText } from '../../shared/schema/scalars.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { KeyAction, KeyRow, KeyState } from '../pki/key-service.ts'
import type { WheelFunction, WheelServices } from './call-wheel.ts'

/** Salt's names of the folders in which its keys lie. */
const lists = {
  minions: ['accepted'],
  minions_pre: ['pending'],
  minions_denied: ['denied'],
  minions_rejected: ['rejected', 'revoked'],
} as const satisfies Readonly<Record<string, readonly KeyState[]>>
type ListName = keyof typeof lists
const listNames = Object.keys(lists) as ListName[]

/** Words by which `key.list` asks for one of them. */
const words: Readonly<Record<string, ListName>> = {
  acc: 'minions',
  accepted: 'minions',
  pre: 'minions_pre',
  un: 'minions_pre',
  unaccepted: 'minions_pre',
  den: 'minions_denied',
  denied: 'minions_denied',
  rej: 'minions_rejected',
  rejected: 'minions_rejected',
}

const inList = (name: ListName, { state }: KeyRow): boolean =>
  (lists[name] as readonly KeyState[]).includes(state)
const idsOf = (rows: readonly KeyRow[], name: ListName): string[] =>
  rows.flatMap((row) => (inList(name, row) ? [row.id] : [])).sort()

function textOf(given: Dict, name: string, fun: string): string {
  const text = readText(given.get(name))
  if (text === undefined || text === '')
    throw new TsaltError('wheel-argument', { fun, reason: `the argument ${name} is missing` })
  return text
}

function acting(
  action: KeyAction['action'],
  flags: readonly ('rejected' | 'denied' | 'accepted')[],
): WheelFunction {
  const fun = `key.${action}`
  return {
    takes: ['match', ...flags.map((flag) => `include_${flag}`)],
    run(given, services, operator) {
      const on = (flag: string): boolean => readFlag(given.get(`include_${flag}`) ?? false) === true
      const wish: KeyAction = {
        action,
        match: textOf(given, 'match', fun),
        includeRejected: on('rejected'),
        includeDenied: on('denied'),
        includeAccepted: on('accepted'),
      }
      return answered(act(wish, services, operator), action)
    },
  }
}

/** The same for ids that stand in lists: `{minions_pre: [web1, web2]}`. */
function actingOnLists(action: KeyAction['action']): WheelFunction {
  return {
    takes: ['match', 'include_rejected', 'include_denied', 'include_accepted'],
    run(given, services, operator) {
      const match = given.get('match') ?? null
      const all = isDict(match) ? [...match.values()].flatMap((ids) => (isList(ids) ? ids : [])) : []
      if (all.length === 0)
        throw new TsaltError('wheel-argument', {
          fun: `key.${action}_dict`,
          reason: 'match has to be lists of ids: {minions_pre: [web1]}',
        })
      const include = { includeRejected: true, includeDenied: true }
      return answered(
        all.flatMap((id) => act({ action, match: readText(id) ?? '', ...include }, services, operator)),
        action,
      )
    },
  }
}

function act(wish: KeyAction, { keys, events }: WheelServices, operator: string): readonly KeyRow[] {
  const rows = keys.act(wish, operator)
  for (const { id, fingerprint } of rows)
    events.fire('salt/key', { id, act: wish.action, finger: fingerprint, result: true })
  return rows
}

/** What was deleted is in no list any more. */
function answered(rows: readonly KeyRow[], action: KeyAction['action']): Plain {
  if (action === 'delete') return {}
  return Object.fromEntries(
    listNames.map((name) => [name, idsOf(rows, name)] as const).filter(([, ids]) => ids.length > 0),
  )
}

const fingers = (rows: readonly KeyRow[]): Plain =>
  Object.fromEntries(
    listNames
      .map((name) => [name, rows.filter((row) => inList(name, row))] as const)
      .filter(([, found]) => found.length > 0)
      .map(([name, found]) => [
        name,
        Object.fromEntries(found.map(({ id, fingerprint }) => [id, formatFingerprint(fingerprint)])),
      ]),
  )

const matching = (given: Dict, fun: string, { keys }: WheelServices): KeyRow[] => {
  const matches = compileGlob(textOf(given, 'match', fun).toLowerCase())
  return keys.list().filter(({ id }) => matches(id))
}

export const keyFunctions: Readonly<Record<string, WheelFunction>> = {
  'key.accept': acting('accept', ['rejected', 'denied']),
  'key.accept_dict': actingOnLists('accept'),
  'key.reject': acting('reject', ['accepted', 'denied']),
  'key.reject_dict': actingOnLists('reject'),
  'key.delete': acting('delete', []),
  'key.delete_dict': actingOnLists('delete'),
  'key.list_all': {
    takes: [],
    run(_given, { keys }) {
      const rows = keys.list()
      return Object.fromEntries([
        ['local', ['master.pem', 'master.pub']],
        ...listNames.map((name) => [name, idsOf(rows, name)] as const),
      ])
    },
  },
  'key.list': {
    takes: ['match'],
    run(given, { keys }) {
      const word = textOf(given, 'match', 'key.list')
      const rows = keys.list()
      if (word === 'all')
        return Object.fromEntries(listNames.map((name) => [name, idsOf(rows, name)] as const))
      const name = Object.hasOwn(words, word) ? words[word] : undefined
      if (name === undefined)
        throw new TsaltError('wheel-argument', {
          fun: 'key.list',
          reason: `match is one of all, ${Object.keys(words).join(', ')}`,
        })
      return { [name]: idsOf(rows, name) }
    },
  },
  'key.name_match': {
    takes: ['match'],
    run(given, services) {
      const rows = matching(given, 'key.name_match', services)
      return Object.fromEntries(
        listNames.map((name) => [name, idsOf(rows, name)] as const).filter(([, ids]) => ids.length > 0),
      )
    },
  },
  'key.key_str': {
    takes: ['match'],
    run(given, { keys }) {
      const rows = keys.publicKeys(textOf(given, 'match', 'key.key_str'))
      const lists = listNames.map((name) => [name, rows.filter((row) => inList(name, row))] as const)
      return Object.fromEntries(
        lists
          .filter(([, found]) => found.length > 0)
          .map(([name, found]) => [
            name,
            Object.fromEntries(found.map(({ id, publicKey }) => [id, publicKey])),
          ]),
      )
    },
  },
  'key.finger': {
    takes: ['match'],
    run: (given, services) => fingers(matching(given, 'key.finger', services)),
  },
}
