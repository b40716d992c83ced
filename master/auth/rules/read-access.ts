/** Option `access`: a list of rules. */
import { nearest } from '../../../shared/data/nearest.ts'
import { placeOfKey } from '../../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../../shared/data/value.ts'
import { type TargetKind, targetKinds } from '../../../shared/targeting/target.ts'
import type { TargetText } from '../../targeting/resolve.ts'
import type { Sight } from '../access.ts'
import type { Grant } from '../grant.ts'
import type { Ground } from '../nature/nature.ts'
import type { Rule } from '../rule.ts'
import {
  checkConsent,
  checkTarget,
  flagIn,
  namedPatternsIn,
  patternsIn,
  placeIn,
  textsIn,
  wrong,
} from './reading.ts'

const keys = [
  'who',
  'target',
  'target_type',
  'functions',
  'runner',
  'wheel',
  'see',
  'args',
  'kwargs',
  'test_only',
  'root_equivalent',
]

export const sights: Readonly<Record<Sight, true>> = {
  minions: true,
  keys: true,
  jobs: true,
  rollouts: true,
  events: true,
  pillar: true,
  states: true,
  audit: true,
}

export const whoShape = /^(?:pam:)?(?:\*|%?[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?)$/

/** @throws TsaltError `access-rule-invalid` */
export function readAccess(value: Value | undefined, nodegroups: Dict | undefined): readonly Rule[] {
  if (value === undefined || value === null) return []
  if (!isList(value)) wrong('"access" must be a list of rules', undefined, 'For example: [{who: alice, …}]')
  return value.map((rule, index) => {
    if (!isDict(rule)) wrong('a rule is a mapping: who, target, functions …', placeOfKey(value, index))
    return readRule(rule, nodegroups)
  })
}

function readRule(rule: Dict, nodegroups: Dict | undefined): Rule {
  for (const key of rule.keys()) {
    if (keys.includes(String(key))) continue
    const near = nearest(String(key), keys)
    wrong(
      `a rule has no "${String(key)}"`,
      placeOfKey(rule, key),
      near ? `Did you mean "${near}"?` : `It has: ${keys.join(', ')}.`,
    )
  }
  const [first] = [...rule.keys()]
  const place = first === undefined ? undefined : placeOfKey(rule, first)
  if (!rule.has('who')) wrong('it does not say who', place)
  const who = textsIn(rule, 'who').map(({ text, place: at }) => {
    if (!whoShape.test(text))
      wrong(
        `"${text.slice(0, 80)}" is neither a user, nor a %group, nor *`,
        at,
        'PAM users have a prefix: pam:alice',
      )
    return text
  })
  return { who, grants: grantsOf(rule, place, nodegroups), place }
}

type Common = Pick<Grant, 'place' | 'args' | 'kwargs' | 'testOnly' | 'rootEquivalent'>

function grantsOf(rule: Dict, place: Rule['place'], nodegroups: Dict | undefined): readonly Grant[] {
  const common: Common = {
    ...(place === undefined ? {} : { place }),
    ...(rule.has('args') ? { args: patternsIn(rule, 'args') } : {}),
    ...(rule.has('kwargs') ? { kwargs: namedPatternsIn(rule, 'kwargs') } : {}),
    ...(flagIn(rule, 'test_only') ? { testOnly: true } : {}),
    ...(flagIn(rule, 'root_equivalent') ? { rootEquivalent: true } : {}),
  }
  const target = targetOf(rule, nodegroups)
  if (rule.has('functions') && target === undefined)
    wrong('it names functions and no target', placeOfKey(rule, 'functions'), "For all minions: target: '*'")
  if (!rule.has('functions') && !rule.has('see') && target !== undefined)
    wrong('it has a target and no functions', placeOfKey(rule, 'target'))
  // Of all minions: also what is about none of them, as events of the master.
  const isEverything = target?.expression === '*' && /^(?:glob|compound)$/.test(target.kind)
  const grants = [
    ...(rule.has('functions')
      ? [callGrant(rule, 'functions', 'job', { ...common, ...targeted(target) })]
      : []),
    ...(rule.has('runner') ? [callGrant(rule, 'runner', 'runner', common)] : []),
    ...(rule.has('wheel') ? [callGrant(rule, 'wheel', 'wheel', common)] : []),
    ...(rule.has('see')
      ? [
          seeGrant(rule, {
            ...(place === undefined ? {} : { place }),
            ...targeted(isEverything ? undefined : target),
          }),
        ]
      : []),
  ]
  if (grants.length === 0) wrong('it allows nothing', place, 'It needs functions, runner, wheel or see.')
  return grants
}

const targeted = (target: TargetText | undefined): Pick<Grant, 'target'> =>
  target === undefined ? {} : { target }

function targetOf(rule: Dict, nodegroups: Dict | undefined): TargetText | undefined {
  if (!rule.has('target')) {
    if (rule.has('target_type')) wrong('it has a target_type and no target', placeOfKey(rule, 'target_type'))
    return undefined
  }
  const value = rule.get('target') as Value
  const kind = rule.has('target_type') ? kindOf(rule) : 'compound'
  const expression = isList(value) ? listed(rule, kind) : value
  if (typeof expression !== 'string') wrong('the target must be text', placeIn(rule, 'target'))
  return checkTarget({ kind, expression }, nodegroups, placeIn(rule, 'target'))
}

function listed(rule: Dict, kind: TargetKind): string {
  if (kind !== 'list' && kind !== 'compound') wrong('the target must be text', placeIn(rule, 'target'))
  const ids = textsIn(rule, 'target')
    .map(({ text }) => text)
    .join(',')
  return kind === 'list' ? ids : `L@${ids}`
}

function kindOf(rule: Dict): TargetKind {
  const text = String(rule.get('target_type'))
  const kind = targetKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  const near = nearest(text, targetKinds)
  wrong(
    `there is no target_type "${text.slice(0, 40)}"`,
    placeIn(rule, 'target_type'),
    near ? `Did you mean "${near}"?` : `One of: ${targetKinds.join(', ')}.`,
  )
}

function callGrant(rule: Dict, key: string, on: Ground, more: Omit<Grant, 'on' | 'functions'>): Grant {
  const functions = textsIn(rule, key).map(({ text, place }) => {
    if (!/^[\w*?[\]!.-]+$/.test(text) || (text !== '*' && !text.includes('.')))
      wrong(`"${text.slice(0, 80)}" is no pattern of functions`, place, 'For example: test.ping, state.*, *')
    const one: Grant = { on, functions: [text], ...more }
    checkConsent(one, on, place)
    return text
  })
  return { on, functions, ...more }
}

function seeGrant(rule: Dict, more: Pick<Grant, 'target' | 'place'>): Grant {
  const functions = textsIn(rule, 'see').map(({ text, place }) => {
    const names = Object.keys(sights)
    if (text === '*' || names.includes(text)) return text
    const near = nearest(text, names)
    return wrong(
      `nobody can see "${text.slice(0, 40)}"`,
      place,
      near ? `Did you mean "${near}"?` : `One of: ${names.join(', ')}.`,
    )
  })
  return { on: 'see', functions, ...more }
}
