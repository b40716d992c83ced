/** Execution module `rabbitmq`: a RabbitMQ server. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, textList } from '../../shared/schema/collections.ts'
import { nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import { Broker, type Definitions } from '../databases/rabbitmq/broker.ts'
import type { StateFunction, StateModule } from '../states/contract.ts'
import { rabbitmqPlugin } from '../states/rabbitmq-plugin.ts'
import { rabbitmqPolicy } from '../states/rabbitmq-policy.ts'
import { brokerName, runas } from '../states/rabbitmq-server.ts'
import { rabbitmqUser } from '../states/rabbitmq-user.ts'
import { rabbitmqVhost } from '../states/rabbitmq-vhost.ts'
import { type ExecFunction, execFunction, execModule, type ModuleContext } from './contract.ts'
import { applyState } from './state-call.ts'

const name = needed(brokerName, 'The name.')
const vhost = defaulted(brokerName, '/', 'Virtual host.')
const brokerOf = (account: string | undefined, { look }: ModuleContext): Broker => new Broker(account, look)

/** Answers out of the definitions. */
function told<Entries extends v.ObjectEntries>(
  called: string,
  summary: string,
  entries: Entries,
  example: string,
  read: (all: Definitions, args: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>) => Plain,
): Record<string, ExecFunction> {
  return {
    [called]: execFunction({
      summary,
      args: v.strictObject({ ...entries, runas }),
      examples: [`tsalt mq1 rabbitmq.${called}${example === '' ? '' : ` ${example}`}`],
      readOnly: true,
      run: async (args, context) =>
        read(
          await brokerOf((args as { runas?: string }).runas, context).definitions(),
          args as v.InferOutput<v.StrictObjectSchema<Entries, undefined>>,
        ),
    }),
  }
}

/** What a command of rabbitmqctl prints. */
function printed(
  called: string,
  summary: string,
  words: readonly string[],
  changes: boolean,
): Record<string, ExecFunction> {
  return {
    [called]: execFunction({
      summary,
      args: v.strictObject({ runas }),
      examples: [`tsalt mq1 rabbitmq.${called}`],
      readOnly: !changes,
      async run(args, context) {
        const broker = brokerOf(args.runas, context)
        const argv = ['rabbitmqctl', '-q', ...words]
        return (changes ? await broker.change(context.act, argv) : await broker.ask(argv)).trimEnd()
      },
    }),
  }
}

function change(
  called: string,
  module: StateModule,
  fun: string,
  {
    summary,
    example,
    entries,
    to = (args) => args,
  }: {
    summary: string
    example: string
    entries: v.ObjectEntries
    to?: (args: Record<string, unknown>) => Record<string, unknown>
  },
): Record<string, ExecFunction> {
  return {
    [called]: execFunction({
      summary,
      args: v.strictObject({ ...entries, runas }),
      examples: [`tsalt mq1 rabbitmq.${called} ${example}`],
      readOnly: false,
      run: (args, context) =>
        applyState(
          `rabbitmq.${called}`,
          module.functions[fun] as StateFunction,
          to(args as Record<string, unknown>),
          context,
        ),
    }),
  }
}

const password = needed(text, 'The password.')
const three = (permission: { configure: string; write: string; read: string }): Plain => [
  permission.configure,
  permission.write,
  permission.read,
]
const tagsOf = (tags: readonly string[] | string): string[] =>
  typeof tags === 'string' ? tags.split(',').filter(Boolean) : [...tags]

const list_queues = execFunction({
  summary: 'Queues of a virtual host, each with what is asked for.',
  args: v.strictObject({
    vhost,
    columns: defaulted(
      textList,
      ['name', 'messages'],
      'What to tell of each: `[name, messages, consumers]`.',
    ),
    runas,
  }),
  examples: ['tsalt mq1 rabbitmq.list_queues orders'],
  readOnly: true,
  async run({ vhost: of, columns, runas: account }, context) {
    const words = ['-p', of, '--formatter', 'json', ...columns.filter((one) => !one.startsWith('-'))]
    const answer = await brokerOf(account, context).ask(['rabbitmqctl', '-q', 'list_queues', ...words])
    return JSON.parse(answer.slice(Math.max(answer.indexOf('['), 0))) as Plain
  },
})

const check_password = execFunction({
  summary: 'Whether this is the password of a user.',
  args: v.strictObject({ name, password, runas }),
  examples: ['tsalt mq1 rabbitmq.check_password app change-me'],
  readOnly: true,
  async run({ name: user, password: given, runas: account }, context) {
    const { isPassword } = await import('../databases/rabbitmq/password-hash.ts')
    const found = (await brokerOf(account, context).definitions()).users.find((one) => one.name === user)
    return found !== undefined && isPassword(given, found.password_hash, found.hashing_algorithm) === true
  },
})

function plugins(called: string, summary: string, option: readonly string[]): Record<string, ExecFunction> {
  return {
    [called]: execFunction({
      summary,
      args: v.strictObject({ runas }),
      examples: [`tsalt mq1 rabbitmq.${called}`],
      readOnly: true,
      run: async (args, context) =>
        (await brokerOf(args.runas, context).ask(['rabbitmq-plugins', '-q', 'list', '-m', ...option]))
          .split('\n')
          .filter((line) => /^[\w-]+$/.test(line)),
    }),
  }
}

export const rabbitmqModule = execModule({
  summary: 'Users, virtual hosts, policies and plugins of a RabbitMQ server.',
  functions: {
    ...told('list_users', 'Users, each with its tags.', {}, '', ({ users }) =>
      Object.fromEntries(users.map((one) => [one.name, tagsOf(one.tags)])),
    ),
    ...told('user_exists', 'Whether there is a user.', { name }, 'app', ({ users }, args) =>
      users.some((one) => one.name === args.name),
    ),
    ...told('list_vhosts', 'Names of the virtual hosts.', {}, '', ({ vhosts }) =>
      vhosts.map((one) => one.name),
    ),
    ...told('vhost_exists', 'Whether there is a virtual host.', { name }, 'orders', ({ vhosts }, args) =>
      vhosts.some((one) => one.name === args.name),
    ),
    ...told(
      'list_permissions',
      'Users of a virtual host, each with what it may configure, write and read.',
      { vhost },
      'orders',
      ({ permissions }, args) =>
        Object.fromEntries(
          permissions.filter((one) => one.vhost === args.vhost).map((one) => [one.user, three(one)]),
        ),
    ),
    ...told(
      'list_user_permissions',
      'Virtual hosts of a user, each with what it may configure, write and read.',
      { name },
      'app',
      ({ permissions }, args) =>
        Object.fromEntries(
          permissions.filter((one) => one.user === args.name).map((one) => [one.vhost, three(one)]),
        ),
    ),
    ...told('list_policies', 'Policies, by virtual host and name.', {}, '', ({ policies }) => {
      const found: Record<string, Record<string, Plain>> = {}
      for (const { vhost: of, name: called, ...policy } of policies)
        found[of] = { ...found[of], [called]: policy as Plain }
      return found
    }),
    ...told(
      'policy_exists',
      'Whether a virtual host has a policy.',
      { vhost: needed(brokerName, 'Virtual host.'), name },
      '/ bounded',
      ({ policies }, args) => policies.some((one) => one.vhost === args.vhost && one.name === args.name),
    ),
    check_password,
    list_queues,
    ...printed('status', 'State of the server.', ['status'], false),
    ...printed('cluster_status', 'State of the cluster.', ['cluster_status'], false),
    ...printed('stop_app', 'Stops RabbitMQ within its Erlang node.', ['stop_app'], true),
    ...printed('start_app', 'Starts RabbitMQ within its Erlang node.', ['start_app'], true),
    ...printed('reset', 'Makes a stopped server as new: everything that it keeps is lost.', ['reset'], true),
    ...printed('force_reset', 'The same of one that cannot reach its cluster.', ['force_reset'], true),
    ...plugins('list_available_plugins', 'Plugins that the server could enable.', []),
    ...plugins('list_enabled_plugins', 'Plugins that are enabled, with those that they need.', ['-e']),
    ...change('enable_plugin', rabbitmqPlugin, 'enabled', {
      summary: 'Enables a plugin. False: it is enabled.',
      example: 'rabbitmq_management',
      entries: { name },
    }),
    ...change('disable_plugin', rabbitmqPlugin, 'disabled', {
      summary: 'Disables a plugin. False: it is not enabled.',
      example: 'rabbitmq_management',
      entries: { name },
    }),
    ...change('add_user', rabbitmqUser, 'present', {
      summary: 'Makes a user, or changes the password. False: it is so already.',
      example: 'app change-me',
      entries: { name, password: optional(text, 'The password.') },
    }),
    ...change('change_password', rabbitmqUser, 'present', {
      summary: 'Changes the password of a user. False: it is this one.',
      example: 'app change-me',
      entries: { name, password },
    }),
    ...change('clear_password', rabbitmqUser, 'present', {
      summary: 'Takes the password of a user away: nobody logs in with one. False: it has none.',
      example: 'app',
      entries: { name },
      to: (args) => ({ ...args, force: true }),
    }),
    ...change('delete_user', rabbitmqUser, 'absent', {
      summary: 'Deletes a user. False: there is none.',
      example: 'app',
      entries: { name },
    }),
    ...change('set_user_tags', rabbitmqUser, 'present', {
      summary: 'Gives a user these tags. False: it has them.',
      example: "app '[monitoring]'",
      entries: { name, tags: needed(anything, 'The tags.') },
    }),
    ...change('set_permissions', rabbitmqUser, 'present', {
      summary: 'Lets a user configure, write and read what fits three patterns. False: it may.',
      example: 'orders app',
      entries: {
        vhost: needed(brokerName, 'Virtual host.'),
        user: needed(brokerName, 'The user.'),
        conf: defaulted(text, '.*', 'What it may configure.'),
        write: defaulted(text, '.*', 'What it may write.'),
        read: defaulted(text, '.*', 'What it may read.'),
      },
      to: ({ vhost: of, user, conf, write, read, runas: account }) => ({
        name: user,
        perms: new Map([[of, [conf, write, read]]]),
        runas: account,
      }),
    }),
    ...change('add_vhost', rabbitmqVhost, 'present', {
      summary: 'Makes a virtual host. False: there is one.',
      example: 'orders',
      entries: { vhost: needed(brokerName, 'Virtual host.') },
      to: ({ vhost: of, ...args }) => ({ ...args, name: of }),
    }),
    ...change('delete_vhost', rabbitmqVhost, 'absent', {
      summary: 'Deletes a virtual host with its messages. False: there is none.',
      example: 'orders',
      entries: { vhost: needed(brokerName, 'Virtual host.') },
      to: ({ vhost: of, ...args }) => ({ ...args, name: of }),
    }),
    ...change('set_policy', rabbitmqPolicy, 'present', {
      summary: 'Gives a virtual host a policy. False: it has it.',
      example: "/ bounded '^jobs' '{max-length: 10}'",
      entries: {
        vhost: needed(brokerName, 'Virtual host.'),
        name,
        pattern: needed(nonEmptyText, 'Which queues or exchanges.'),
        definition: needed(anything, 'The settings.'),
        priority: defaulted(whole, 0, 'Of several that fit the one with the highest counts.'),
        apply_to: optional(text, 'What it is for; default `all`.'),
      },
    }),
    ...change('delete_policy', rabbitmqPolicy, 'absent', {
      summary: 'Takes a policy away. False: there is none.',
      example: '/ bounded',
      entries: { vhost: needed(brokerName, 'Virtual host.'), name },
    }),
  },
})
