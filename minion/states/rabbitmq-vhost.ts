/** rabbitmq_vhost.*: virtual hosts of a RabbitMQ server. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import type { Definitions } from '../databases/rabbitmq/broker.ts'
import { type Decision, drift, inSync, stateFunction, stateModule } from './contract.ts'
import { brokerName, onRabbitmq, runas } from './rabbitmq-server.ts'

const presentArgs = v.strictObject({
  name: needed(brokerName, 'Name of the virtual host.'),
  user: optional(brokerName, 'User that may use it; rabbitmq_user.present says it better, with `perms`.'),
  conf: optional(text, 'With `user`: pattern of what it may configure; default `.*`.'),
  write: optional(text, 'With `user`: pattern of what it may write; default `.*`.'),
  read: optional(text, 'With `user`: pattern of what it may read; default `.*`.'),
  runas,
})

const control = (...words: string[]): string[] => ['rabbitmqctl', '-q', ...words]

const present = stateFunction({
  summary: 'Makes sure that a virtual host exists.',
  args: presentArgs,
  examples: ['orders:\n  rabbitmq_vhost.present: []\n'],
  refuse: ({ user, conf = '', write = '', read = '' }) => {
    const dashed = Object.entries({ conf, write, read }).find(([, value]) => value.startsWith('-'))
    if (dashed)
      return { argument: dashed[0], reason: 'what begins with "-" would be an option of rabbitmqctl' }
    const alone = Object.entries({ conf, write, read }).find(([, value]) => value !== '')
    return user === undefined && alone ? { argument: alone[0], reason: 'it needs "user"' } : undefined
  },
  check: ({ name, user, conf = '.*', write = '.*', read = '.*', runas: account }, look, run) =>
    onRabbitmq(account, look, run, async (broker): Promise<Decision> => {
      const all = await broker.definitions()
      const isThere = all.vhosts.some((one) => one.name === name)
      const now = all.permissions.find((one) => one.vhost === name && one.user === user)
      const permits =
        user !== undefined && !(now?.configure === conf && now.write === write && now.read === read)
      if (isThere && !permits) return inSync(`Virtual Host '${name}' already exists.`)
      const comments = isThere
        ? {
            would: `Permissions of ${user} for '${name}' will be set.`,
            done: `Permissions of ${user} for '${name}' were set.`,
          }
        : { would: `Virtual Host '${name}' will be created.`, done: `Virtual Host '${name}' was created.` }
      const changes = isThere
        ? { perms: { old: now ? [now.configure, now.write, now.read] : [], new: [conf, write, read] } }
        : { old: '', new: name }
      return drift(changes, comments, async (act) => {
        // Deleting it takes its permissions away as well.
        if (!isThere)
          await broker.change(act, control('add_vhost', name), undefined, [
            broker.step(control('delete_vhost', name)),
          ])
        if (!permits || user === undefined) return
        const back = now
          ? broker.putBack({ permissions: [now] })
          : broker.step(control('clear_permissions', '-p', name, user))
        await broker.change(
          act,
          control('set_permissions', '-p', name, user, conf, write, read),
          undefined,
          isThere ? [back] : [],
        )
      })
    }),
})

/** All that is of a virtual host. */
function partOf(all: Definitions, name: string): Partial<Definitions> {
  const of = (list: unknown): unknown[] =>
    Array.isArray(list) ? list.filter((one: { vhost?: string }) => one.vhost === name) : []
  const kinds = [
    'permissions',
    'topic_permissions',
    'policies',
    'parameters',
    'exchanges',
    'queues',
    'bindings',
  ]
  return {
    vhosts: all.vhosts.filter((one) => one.name === name),
    ...Object.fromEntries(kinds.map((kind) => [kind, of(all[kind])])),
  }
}

const absent = stateFunction({
  summary:
    'Makes sure that a virtual host does not exist. Its messages are lost; an undo brings back queues and permissions.',
  args: v.strictObject({ name: needed(brokerName, 'Name of the virtual host.'), runas }),
  examples: ['old:\n  rabbitmq_vhost.absent: []\n'],
  check: ({ name, runas: account }, look, run) =>
    onRabbitmq(account, look, run, async (broker) => {
      const all = await broker.definitions()
      if (!all.vhosts.some((one) => one.name === name))
        return inSync(`Virtual Host '${name}' is not present.`)
      const comments = {
        would: `Virtual Host '${name}' will be removed.`,
        done: `Virtual Host '${name}' was removed.`,
      }
      return drift({ old: name, new: '' }, comments, async (act) => {
        await broker.change(act, control('delete_vhost', name), undefined, [
          broker.putBack(partOf(all, name)),
        ])
      })
    }),
})

export const rabbitmqVhost = stateModule({
  summary: 'Virtual hosts of RabbitMQ.',
  functions: { present, absent },
})
