/** Execution module `event`: tells the master something, which is on its event bus below `minion/ID/`. */
import * as v from 'valibot'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import { execFunction, execModule, type ModuleContext } from './contract.ts'

const tag = needed(nonEmptyText, 'Its tag: `myco/deployed`.')

/** @throws TsaltError `function-failed`, `event-tag-invalid`, `event-too-large`, `event-outbox-full` */
function tell(fun: string, name: string, data: Value, { services }: ModuleContext): true {
  if (services.tell === undefined)
    throw new TsaltError('function-failed', { fun, reason: 'there is no master behind tsalt-call --local' })
  services.tell(name, data)
  return true
}

/** All of a mapping, or those of a list of names. */
function chosenOf(wish: Value, source: Dict): Dict | undefined {
  if (wish === true) return source
  if (!isList(wish)) return undefined
  return new Map(
    wish.flatMap((key) => (source.has(String(key)) ? [[key, source.get(String(key))]] : [])) as never,
  )
}

const asDict = (data: Value): Dict =>
  isDict(data) ? data : data === null ? new Map() : new Map([['data', data]])

const send = execFunction({
  summary: 'Sends an event to the master, which is kept until the master has it. Secrets are left out.',
  args: v.strictObject({
    tag,
    data: optional(anything, 'What it tells.'),
    preload: optional(anything, 'A mapping that the data begins with.'),
    with_grains: defaulted(anything, false, 'True: with all grains; or those of a list.'),
    with_pillar: defaulted(anything, false, 'True: with the whole pillar; or the keys of a list.'),
    show_changed: defaulted(flag, true, 'Accepted for Salt.'),
    more: optional(anything, 'Further `key=value`, which come into the data.'),
  }),
  restKeywords: 'more',
  examples: [
    `tsalt web1 event.send myco/deployed '{"version": "1.2"}'`,
    'tsalt web1 event.send myco/done by=ann',
  ],
  readOnly: false,
  besideRuns: true,
  async run(wanted, context) {
    const { look } = context
    const data = wanted.data ?? null
    const grains = chosenOf(wanted.with_grains, look.grains)
    const pillar = chosenOf(wanted.with_pillar, look.pillar)
    const more: Dict = new Map([
      ...(isDict(wanted.preload ?? null) ? (wanted.preload as Dict) : []),
      ...(grains ? [['grains', grains] as const] : []),
      ...(pillar ? [['pillar', pillar] as const] : []),
    ])
    const keywords = isDict(wanted.more ?? null) ? (wanted.more as Dict) : new Map()
    const isPlain = more.size === 0 && keywords.size === 0
    return tell(
      'event.send',
      wanted.tag,
      isPlain ? data : new Map([...more, ...asDict(data), ...keywords]),
      context,
    )
  },
})

const fired = (fun: string, summary: string) =>
  execFunction({
    summary,
    args: v.strictObject({
      data: needed(anything, 'What it tells.'),
      tag,
      preload: optional(anything, 'A mapping that the data begins with.'),
    }),
    examples: [`tsalt web1 ${fun} '{"version": "1.2"}' myco/deployed`],
    readOnly: false,
    besideRuns: true,
    run: async ({ data, tag: name, preload = null }, context) =>
      tell(fun, name, isDict(preload) ? new Map([...preload, ...asDict(data)]) : data, context),
  })

export const eventModule = execModule({
  summary: 'Tells the master something, which is on its event bus below `minion/ID/`.',
  functions: {
    send,
    fire_master: fired('event.fire_master', 'Sends an event to the master, as event.send does.'),
    fire: fired(
      'event.fire',
      'Sends an event to the master too: minions have no bus of their own that anything listens on.',
    ),
  },
})
