/** rabbitmq_policy.*: settings of queues and exchanges by their names. */
import * as v from 'valibot'
import { equalValues, isDict, type Plain, toPlain, toValue, type Value } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { choice, nonEmptyText, whole } from '../../shared/schema/scalars.ts'
import { Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { BrokerPolicy } from '../databases/rabbitmq/broker.ts'
import { drift, inSync, stateFunction, stateModule } from './contract.ts'
import { brokerName, onRabbitmq, runas } from './rabbitmq-server.ts'

const settings = shaped<Value>({
  words: 'mapping, or JSON of one',
  json: { anyOf: [{ type: 'object' }, { type: 'string' }] },
  read(value) {
    if (isDict(value)) return value
    try {
      const read = typeof value === 'string' ? toValue(JSON.parse(value)) : undefined
      if (isDict(read)) return read
    } catch {
      // No JSON: said below.
    }
    return new Mismatch('a mapping, or JSON of one, is expected')
  },
})
const entries = {
  name: needed(brokerName, 'Name of the policy.'),
  vhost: defaulted(brokerName, '/', 'Virtual host that it is of.'),
  runas,
}
const presentArgs = v.strictObject({
  ...entries,
  pattern: needed(nonEmptyText, 'Which queues or exchanges, as a regular expression of their names.'),
  definition: needed(settings, 'The settings: `{max-length: 1000}`.'),
  priority: defaulted(whole, 0, 'Of several that fit the one with the highest counts.'),
  apply_to: optional(
    choice(['all', 'queues', 'exchanges', 'classic_queues', 'quorum_queues', 'streams']),
    'What it is for; default `all`.',
  ),
})

const control = (...words: string[]): string[] => ['rabbitmqctl', '-q', ...words]

const shown = ({ pattern, definition, priority, 'apply-to': applyTo }: BrokerPolicy): Plain => ({
  pattern,
  definition: definition as Plain,
  priority,
  'apply-to': applyTo,
})

const present = stateFunction({
  summary: 'Makes sure that a policy exists, as given.',
  args: presentArgs,
  examples: [
    "bounded:\n  rabbitmq_policy.present:\n    - pattern: '^jobs\\.'\n    - definition: {max-length: 10000, overflow: reject-publish}\n    - apply_to: queues\n",
  ],
  refuse: ({ pattern }) =>
    pattern.startsWith('-')
      ? { argument: 'pattern', reason: 'what begins with "-" would be an option of rabbitmqctl' }
      : undefined,
  check: ({ name, vhost, pattern, definition, priority, apply_to = 'all', runas: account }, look, run) =>
    onRabbitmq(account, look, run, async (broker) => {
      const now = (await broker.definitions()).policies.find(
        (one) => one.name === name && one.vhost === vhost,
      )
      const plain = toPlain(definition) as Plain
      const isSame =
        now?.pattern === pattern &&
        now.priority === priority &&
        now['apply-to'] === apply_to &&
        equalValues(toValue(now.definition as Plain), definition)
      if (isSame) return inSync(`Policy ${vhost} ${name} is already present`)
      const comments = {
        would: `Policy ${vhost} ${name} is set to be ${now ? 'updated' : 'created'}`,
        done: `Policy ${vhost} ${name} was ${now ? 'updated' : 'created'}`,
      }
      const changes = {
        old: now ? shown(now) : '',
        new: { pattern, definition: plain, priority, 'apply-to': apply_to },
      }
      const undo = now
        ? broker.putBack({ policies: [now] })
        : broker.step(control('clear_policy', '-p', vhost, name))
      const words = ['-p', vhost, '--priority', String(priority), '--apply-to', apply_to]
      return drift(changes, comments, async (act) => {
        await broker.change(
          act,
          control('set_policy', ...words, name, pattern, JSON.stringify(plain)),
          undefined,
          [undo],
        )
      })
    }),
})

const absent = stateFunction({
  summary: 'Makes sure that a policy does not exist.',
  args: v.strictObject(entries),
  examples: ['bounded:\n  rabbitmq_policy.absent: []\n'],
  check: ({ name, vhost, runas: account }, look, run) =>
    onRabbitmq(account, look, run, async (broker) => {
      const now = (await broker.definitions()).policies.find(
        (one) => one.name === name && one.vhost === vhost,
      )
      if (!now) return inSync(`Policy '${vhost} ${name}' is not present.`)
      const comments = {
        would: `Policy '${vhost} ${name}' will be removed.`,
        done: `Policy '${vhost} ${name}' was removed.`,
      }
      return drift({ old: name, new: '' }, comments, async (act) => {
        await broker.change(act, control('clear_policy', '-p', vhost, name), undefined, [
          broker.putBack({ policies: [now] }),
        ])
      })
    }),
})

export const rabbitmqPolicy = stateModule({
  summary: 'Policies of RabbitMQ: settings of queues and exchanges.',
  functions: { present, absent },
})
