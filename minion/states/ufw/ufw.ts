/** ufw.*: the simple firewall, with the functions of the state module that formulas bring for it. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { choice, nonEmptyText, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  type StateRun,
  stateFunction,
  stateModule,
} from '../contract.ts'
import { requireProgram } from '../required-program.ts'
import { saidBy } from '../said-by.ts'
import { runSteps } from '../steps.ts'
import { ruleWords } from './rule.ts'

const requireUfw = (look: Reader, run: StateRun): Promise<Decision | undefined> =>
  requireProgram({ program: 'ufw', package: 'ufw' }, look, run)

const port = shaped<string>({
  words: 'port, ports or `*`',
  json: { type: ['string', 'integer'] },
  read(value) {
    const read = readText(value)?.replace(/^(["'])(.*)\1$/, '$2')
    return read !== undefined && /^(?:\*|[A-Za-z][\w-]*|\d+(?::\d+)?(?:,\d+(?::\d+)?)*)$/.test(read)
      ? read
      : new Mismatch(`a port such as 80 is expected, not ${describeValue(value)}`)
  },
})

const ruleArgs = v.strictObject({
  name: needed(nonEmptyText, 'A name for the rule in the tree; not a part of it.'),
  app: optional(text, 'An application that ufw knows: `OpenSSH`.'),
  interface: optional(nonEmptyText, 'Whatever comes in there.'),
  protocol: optional(choice(['tcp', 'udp', 'any', 'ah', 'esp', 'gre', 'ipv6', 'igmp']), 'The protocol.'),
  from_addr: optional(nonEmptyText, 'Address, network or host where it comes from.'),
  from_port: optional(port, 'Port where it comes from.'),
  to_addr: optional(nonEmptyText, 'Address of this machine.'),
  to_port: optional(port, 'Port, or several with commas; `*`: any.'),
  comment: optional(text, 'Kept with the rule.'),
})
export type RuleArguments = v.InferOutput<typeof ruleArgs>

function refuse(wanted: RuleArguments): ArgumentRefusal | undefined {
  for (const [argument, value] of Object.entries(wanted))
    if (
      argument !== 'name' &&
      argument !== 'comment' &&
      /^-|[\s']/.test(unquoted(String(value))) &&
      argument !== 'app'
    )
      return { argument, reason: `"${value}" is not one word` }
  if (wanted.app !== undefined && /^-|\n/.test(unquoted(wanted.app)))
    return { argument: 'app', reason: 'it is not an application' }
  // What ufw itself refuses in a comment.
  return wanted.comment !== undefined && /['\n]/.test(unquoted(wanted.comment))
    ? { argument: 'comment', reason: 'ufw takes no apostrophe in it' }
    : undefined
}

/** Formulas quote for a shell that is not there. */
const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/s, '$2')

async function checkRule(
  verb: 'allow' | 'deny' | 'limit',
  wanted: RuleArguments,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const lacking = await requireUfw(look, run)
  if (lacking) return lacking
  const rule = await ruleWords(wanted, look)
  if (typeof rule === 'string') return failed(rule)
  const heads = verb === 'deny' ? [['insert', '1', 'deny'], ['deny']] : [[verb]]
  for (const head of heads) {
    const tried = await look.commands.query(['ufw', '--dry-run', ...head, ...rule])
    const said = `${tried.stdout}\n${tried.stderr}`
    const unsupported = /^Skipping unsupported .*$/m.exec(said)?.[0]
    if (unsupported !== undefined)
      return failed(
        `ufw cannot do ${wanted.name} here: ${unsupported}`,
        'The kernel lacks what the rule needs: see "/usr/share/ufw/check-requirements".',
      )
    if (/^Skipping /m.test(said)) return inSync(`${wanted.name} is already configured`)
    // The first rule of all has no place before it.
    if (/Invalid position/.test(said) && heads.length > 1 && head.length > 1) continue
    if (tried.code !== 0)
      return failed(
        `ufw refuses ${wanted.name}: ${saidBy(tried)}`,
        'Correct the arguments; "ufw app list" has the applications.',
      )
    const argv = ['ufw', ...head, ...rule]
    const [kept] = splitComment(rule)
    const undo = [{ argv: ['ufw', '--force', 'delete', verb, ...kept] }]
    return drift(
      { rule: [verb, ...rule].join(' ') },
      { would: `${wanted.name} would have been configured`, done: `${wanted.name} added` },
      (act) => runSteps([{ argv, undo }], act, `${wanted.name} was not added`),
    )
  }
  return failed(`ufw refuses ${wanted.name}`)
}

/** A rule is deleted without its comment. */
function splitComment(rule: readonly string[]): [readonly string[]] {
  const at = rule.lastIndexOf('comment')
  return [at >= 0 && at === rule.length - 2 ? rule.slice(0, at) : rule]
}

const rule = (verb: 'allow' | 'deny' | 'limit', summary: string, example: string): StateFunction =>
  stateFunction({
    summary,
    args: ruleArgs,
    examples: [example],
    refuse,
    check: (wanted, look, run) => checkRule(verb, wanted, look, run),
  })

const enabled = stateFunction({
  summary: 'Makes sure that ufw is on, now and after the next start.',
  args: v.strictObject({ name: needed(text, 'A name for it in the tree.') }),
  anyArguments: true,
  examples: ['ufw:\n  ufw.enabled: []\n'],
  async check(_, look, run) {
    const lacking = await requireUfw(look, run)
    if (lacking) return lacking
    const status = await look.commands.query(['ufw', 'status'])
    if (status.code !== 0) return failed(`ufw does not tell its status: ${saidBy(status)}`)
    if (/^Status: active$/m.test(status.stdout)) return inSync('UFW is already enabled')
    const comments = { would: 'UFW would have been enabled', done: 'UFW is enabled' }
    const step = { argv: ['ufw', '--force', 'enable'], undo: [{ argv: ['ufw', 'disable'] }] }
    return drift({ enabled: true }, comments, (act) => runSteps([step], act, 'UFW was not enabled'))
  },
})

const standard = (way: 'incoming' | 'outgoing'): StateFunction =>
  stateFunction({
    summary: `Makes sure what becomes of ${way} packets that no rule matched.`,
    args: v.strictObject({
      name: needed(text, 'A name for it in the tree.'),
      default: needed(choice(['allow', 'deny', 'reject']), 'What becomes of them.'),
    }),
    examples: [`${way}:\n  ufw.default_${way}:\n    - default: deny\n`],
    async check(wanted, look, run) {
      const lacking = await requireUfw(look, run)
      if (lacking) return lacking
      const file = '/etc/default/ufw'
      if (!(await look.files.infoFollowed(file)))
        return failed(`${file} does not exist`, 'Is ufw installed completely?')
      const key = way === 'incoming' ? 'INPUT' : 'OUTPUT'
      const text_ = Buffer.from(await look.files.read(file)).toString('utf8')
      const set = new RegExp(`^DEFAULT_${key}_POLICY="?(\\w+)"?`, 'm').exec(text_)?.[1]
      const words: Readonly<Record<string, string>> = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' }
      const current = words[set ?? '']
      if (current === wanted.default) return inSync(`${wanted.name} was already set to ${wanted.default}`)
      const order = `default ${wanted.default} ${way}`
      const step = {
        argv: ['ufw', 'default', wanted.default, way],
        ...(current === undefined ? {} : { undo: [{ argv: ['ufw', 'default', current, way] }] }),
      }
      return drift(
        { rule: order },
        { would: `${wanted.name}: ${order}`, done: `${wanted.name} set to ${wanted.default}` },
        (act) => runSteps([step], act, `${wanted.name} was not set`),
      )
    },
  })

const allow = rule(
  'allow',
  'Makes sure that ufw lets something in.',
  "ssh:\n  ufw.allow:\n    - protocol: tcp\n    - to_port: '22'\n    - comment: the door\n",
)

export const ufw = stateModule({
  summary: 'The simple firewall ufw: whether it is on, and its rules.',
  functions: {
    enabled,
    default_incoming: standard('incoming'),
    default_outgoing: standard('outgoing'),
    allow,
    allowed: rule(
      'allow',
      'Makes sure that ufw lets something in; the older name of `allow`.',
      'eth1:\n  ufw.allowed:\n    - interface: eth1\n',
    ),
    deny: rule(
      'deny',
      'Makes sure that ufw keeps something out; the rule is put first.',
      'bad:\n  ufw.deny:\n    - from_addr: 203.0.113.0/24\n',
    ),
    limit: rule(
      'limit',
      'Makes sure that ufw lets something in, but not too often from one address.',
      'ssh:\n  ufw.limit:\n    - app: OpenSSH\n',
    ),
  },
})
