/** `tsalt auth check`: the rules themselves, or what they say of somebody. */
import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { loadOptions } from '../../shared/config/load.ts'
import { masterOptions } from '../../shared/config/master-options.ts'
import { encodeValue } from '../../shared/data/codec.ts'
import { toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { Decision } from '../auth/access.ts'
import { readRules } from '../auth/rules/read-rules.ts'
import { nodegroupsOf } from '../pillar/open-pillars.ts'
import type { AuthSession } from './auth-program.ts'
import { speaksUnicode, wantsColor } from './console.ts'

/** @returns 0 allowed, or rules without a mistake; 1 refused */
export async function authCheck(session: AuthSession, words: readonly string[]): Promise<number> {
  const [name, fun, ...rest] = words
  if (name === undefined) throw wrong('The name of the one who is asked about is missing')
  const { client, options } = session
  if (fun === undefined) throw wrong(`What ${name} is to be asked about is missing`)
  const kinds = (['runner', 'wheel', 'see'] as const).filter((kind) => options[kind])
  const [kind = 'job', another] = kinds
  if (another !== undefined) throw wrong(`--${kind} and --${another} exclude each other`)
  const onMinions = kind === 'job' || kind === 'see'
  const target = onMinions ? rest[0] : undefined
  const given = onMinions ? rest.slice(1) : rest
  if (kind === 'job' && target === undefined) throw wrong(`On which minions ${fun} is to run is missing`)
  const { args, kwargs } = parseArguments(given, fun)
  const decision = await client.post<Decision & { minions?: string[] }>('/auth/check', {
    name,
    kind,
    fun,
    args: args.map(encodeValue),
    kwargs: Object.fromEntries([...kwargs].map(([key, value]) => [String(key), encodeValue(value)])),
    ...(target === undefined ? {} : { target: { kind: 'compound', expression: target } }),
  })
  show(session, name, [fun, ...rest].join(' '), decision)
  return decision.allowed ? 0 : 1
}

function show(
  { console, options }: AuthSession,
  name: string,
  what: string,
  { allowed, reasons, minions }: Decision & { minions?: string[] },
): void {
  const color = wantsColor(console, options)
  const settings = {
    out: options.out,
    stateForm: 'short',
    stateVerbose: true,
    color,
    unicode: speaksUnicode(console.env),
  } as const
  if (isDocument(settings)) {
    const data = { allowed, reasons, ...(minions === undefined ? {} : { minions }) }
    console.out(formatValue(toValue(data), settings))
    return
  }
  const paint = paintOf(color)
  const verdict = allowed ? paint('green', 'allowed') : paint('red', 'refused')
  console.out(`${verdict}: ${harmlessLine(name)} ${harmlessLine(what)}\n`)
  for (const reason of reasons) console.out(`  ${harmlessLine(reason)}\n`)
  if (minions !== undefined && minions.length > 0) {
    const shown = minions.slice(0, 20).join(', ')
    console.out(
      `  Minions asked about: ${shown}${minions.length > 20 ? ` and ${minions.length - 20} more` : ''}.\n`,
    )
  }
}

/** Of the files as they are now: the master goes by what it read at its start, or at its last reload. It need not run. */
export function checkRules({ console, options, configFile }: Omit<AuthSession, 'client'>): number {
  const master = loadOptions(masterOptions, configFile, { root_dir: options.rootDir })
  const rules = readRules(master, nodegroupsOf(master))
  const grants = rules.reduce((count, rule) => count + rule.grants.length, 0)
  console.out(
    rules.length === 0
      ? `No rules in ${configFile}: nobody but root and the users of the socket may do anything.\n`
      : `${rules.length} rules with ${grants} grants in ${configFile} are fine. The master takes them with: systemctl reload tsalt-master\n`,
  )
  return 0
}

const wrong = (reason: string): TsaltError =>
  new TsaltError(
    'usage-wrong',
    { reason },
    { hint: "For example: tsalt auth check alice state.apply 'web*' nginx" },
  )
