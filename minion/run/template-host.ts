/** What templates of a run may ask this machine: every execution function, as Salt's templates see them. */
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { HostKeywords, RenderHost } from '../../shared/render/host.ts'
import { bindArguments } from '../jobs/bind-arguments.ts'
import { type Answer, type ExecFunction, isAnswer, type ModuleContext } from '../modules/contract.ts'

type BoundArguments = Parameters<ExecFunction['run']>[0]

export interface TemplateHostParts {
  /** Asked at each call: readers are made after the host. */
  readonly context: () => ModuleContext
  /** Of a dry run: functions that change the machine are refused. */
  readonly test: boolean
  readonly log?: (level: string, message: string) => void
}

/** Salt's: in templates a command gets a shell, which `cmd.run` called by other Python code does not. */
const aliases: ReadonlyMap<string, string> = new Map([['cmd.run', 'cmd.shell']])

/** Functions that give a command no shell unless they are told to; a command line sets it. */
const withoutShell: ReadonlySet<string> = new Set([
  'cmd.run_stdout',
  'cmd.run_stderr',
  'cmd.run_all',
  'cmd.retcode',
])

export function templateHost({ context, test, log }: TemplateHostParts): RenderHost {
  const find = (name: string): ExecFunction | undefined =>
    context().services.functions.find(aliases.get(name) ?? name)
  const bind = (name: string, args: readonly Value[], keywords: HostKeywords) => {
    const definition = find(name)
    if (definition === undefined) throw unknownFunction(name, context())
    const named: Dict = new Map(keywords)
    if (withoutShell.has(name) && !named.has('python_shell')) named.set('python_shell', false)
    const bound = bindArguments(name, definition, args, named)
    refuse(name, definition, bound, test)
    return { definition, bound }
  }
  return {
    functions: {
      has: (name) => find(name) !== undefined,
      names: () => context().services.functions.names(),
      why: (name) => context().services.functions.why?.(name),
      now: (name, args, keywords) => {
        if (find(name)?.now === undefined) return undefined
        const { definition, bound } = bind(name, args, keywords)
        const answer = definition.now?.(bound, context())
        return answer === undefined ? undefined : toValue(answer)
      },
      call: async (name, args, keywords) => {
        const { definition, bound } = bind(name, args, keywords)
        return answerValue(await definition.run(bound, { ...context(), rendering: true, dryRun: test }))
      },
    },
    ...(log === undefined ? {} : { log }),
  }
}

function answerValue(answer: Answer | Parameters<typeof toValue>[0]): Value {
  return toValue(isAnswer(answer) ? answer.ret : answer)
}

function unknownFunction(fun: string, { services }: ModuleContext): TsaltError {
  const near = nearest(fun, services.functions.names())
  const hint = services.functions.why?.(fun) ?? (near && `Did you mean "${near}"?`)
  return new TsaltError('template-call-unknown', { fun }, hint === undefined ? {} : { hint })
}

function refuse(fun: string, definition: ExecFunction, args: BoundArguments, test: boolean): void {
  const { readOnly, whileRendering = false } = definition
  if (definition.queued)
    throw new TsaltError('template-call-refused', { fun, reason: 'it waits for the run that it is part of' })
  const permitted = typeof whileRendering === 'function' ? whileRendering(args) : whileRendering
  if (test && !readOnly && !permitted) throw new TsaltError('template-call-changes', { fun })
}
