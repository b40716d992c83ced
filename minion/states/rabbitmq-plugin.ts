/** rabbitmq_plugin.*: plugins of a RabbitMQ server. */
import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'
import { needed } from '../../shared/schema/argument.ts'
import type { Broker } from '../databases/rabbitmq/broker.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { brokerName, onRabbitmq, runas } from './rabbitmq-server.ts'

const args = v.strictObject({ name: needed(brokerName, 'Name of the plugin: `rabbitmq_management`.'), runas })

const namesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[\w-]+$/.test(line))

async function decide(name: string, verb: 'enable' | 'disable', broker: Broker): Promise<Decision> {
  const list = (...words: string[]) => broker.ask(['rabbitmq-plugins', '-q', 'list', '-m', ...words])
  const enabled = namesOf(await list('-e')).includes(name)
  const on = verb === 'enable'
  if (enabled === on)
    return inSync(on ? `Plugin '${name}' is already enabled.` : `Plugin '${name}' is already disabled.`)
  if (on) {
    const known = namesOf(await list())
    const near = nearest(name, known)
    if (!known.includes(name))
      return failed(
        `RabbitMQ has no plugin ${name}`,
        near === undefined ? 'See: rabbitmq-plugins list.' : `Did you mean "${near}"?`,
      )
  }
  const comments = {
    would: `Plugin '${name}' is set to be ${verb}d.`,
    done: `Plugin '${name}' was ${verb}d.`,
  }
  const changes = on ? { old: '', new: name } : { old: name, new: '' }
  const back = broker.step(['rabbitmq-plugins', '-q', on ? 'disable' : 'enable', name])
  return drift(changes, comments, async (act) => {
    await broker.change(act, ['rabbitmq-plugins', '-q', verb, name], undefined, [back])
  })
}

const enabled = stateFunction({
  summary: 'Makes sure that a plugin is enabled, with those that it needs.',
  args,
  examples: ['rabbitmq_management:\n  rabbitmq_plugin.enabled: []\n'],
  check: ({ name, runas: account }, look, run) =>
    onRabbitmq(account, look, run, (broker) => decide(name, 'enable', broker)),
})

const disabled = stateFunction({
  summary: 'Makes sure that a plugin is not enabled, nor those that need it.',
  args,
  examples: ['rabbitmq_management:\n  rabbitmq_plugin.disabled: []\n'],
  check: ({ name, runas: account }, look, run) =>
    onRabbitmq(account, look, run, (broker) => decide(name, 'disable', broker)),
})

export const rabbitmqPlugin = stateModule({
  summary: 'Plugins of RabbitMQ.',
  functions: { enabled, disabled },
})
