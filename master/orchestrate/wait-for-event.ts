/** `salt.wait_for_event`: goes on when something has happened. */
import * as v from 'valibot'
import { failure } from '../../shared/run/outcome.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { nonEmptyText, seconds, text } from '../../shared/schema/scalars.ts'
import { orchestrationFunction } from './contract.ts'
import { namesOf } from './tally.ts'

export const waitForEvent = orchestrationFunction({
  summary:
    'Waits for events. Those count, too, that came since the first of the states that it requires was begun, so none is missed between two states.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'A glob over tags: `salt/minion/*/start`.'),
    id_list: optional(
      nameList,
      'What has to be seen in the events, all of it. Not given: one event is enough.',
    ),
    event_id: defaulted(text, 'id', 'Where in the data of an event that stands; `:` between steps.'),
    timeout: defaulted(seconds, 300, 'After which the state fails.'),
    node: optional(text, 'Accepted for Salt: the master listens.'),
  }),
  examples: [
    "reboot:\n  salt.function:\n    - name: system.reboot\n    - tgt: 'web1,web2'\n    - tgt_type: list\n\nare-back:\n  salt.wait_for_event:\n    - name: salt/minion/*/start\n    - id_list: [web1, web2]\n    - timeout: 600\n    - require:\n      - salt: reboot\n",
  ],
  predict: async ({ name, timeout, id_list: ids = [] }) => ({
    result: null,
    comment: `Orchestration would wait at most ${timeout} s for the event '${name}'${ids.length === 0 ? '' : ` of ${namesOf(ids)}`}.`,
    changes: {},
    ran: true,
  }),
  async run({ name: tag, id_list: ids = [], event_id: key, timeout }, act, { listenFrom: since }) {
    const waited = await act.waitFor({ tag, ids, key, seconds: timeout, since })
    const time = Math.round(waited.seconds * 10) / 10
    const changes = waited.seen.length === 0 ? {} : { seen: [...waited.seen] }
    if (waited.complete)
      return { result: true, comment: `All events seen in ${time} seconds.`, changes, ran: true }
    const missing = ids.filter((id) => !waited.seen.includes(id))
    const whose = missing.length === 0 ? '' : ` Not seen: ${namesOf(missing)}.`
    return failure(`Timeout value reached: ${time} seconds.${whose}`, changes)
  },
})
