/** One file of answers: what real Salt made of a public tree for one minion. The format is in shared/oracle/README.md. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Dict, PyFloat, type Value } from '../../shared/data/value.ts'

export interface Answers {
  readonly tree: string
  readonly commit: string
  readonly os: string
  readonly id: string
  readonly grains: Dict
  readonly pillar: Dict
  readonly opts: Dict
  /** Folder on Salt's machine → folder of the repository, or `@trees/owner__name/folder`. */
  readonly mounts: ReadonlyMap<string, string>
  /** Environment → folders on Salt's machine. */
  readonly roots: ReadonlyMap<string, readonly string[]>
  readonly sls: ReadonlyMap<string, SlsAnswer>
  readonly templates: readonly TemplateAnswer[]
}

export interface SlsAnswer {
  readonly file: string
  readonly status: 'ok' | 'render-error' | 'low-error'
  readonly errorKind: string
  readonly summary: string
  readonly impure: boolean
  readonly calls: readonly ImpureCall[]
  readonly low: readonly Dict[]
  readonly run: ReadonlyMap<string, RunAnswer | undefined>
}

export interface ImpureCall {
  readonly fun: string
  readonly args: Value
  readonly keywords: Value
  /** Python that the tree brings. */
  readonly custom: boolean
  readonly answer: Value
}

/** Undefined in `run`: as where nothing changes. */
export interface RunAnswer {
  /** Tag, `call` `prereq` or `mod_watch`, result. */
  readonly calls: readonly (readonly [string, string, boolean | null])[]
  /** Tag, result. */
  readonly notCalled: readonly (readonly [string, boolean | null])[]
}

export interface TemplateAnswer {
  readonly id: string
  readonly sls: string
  readonly name: string
  readonly source: string
  readonly engine: string
  readonly context: Dict
  readonly defaults: Dict
  readonly output: string | undefined
  readonly errorKind: string | undefined
  /** All of the state's own arguments that Salt gives to the template. */
  readonly impure: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of a format that README.md fixes
type Json = any

export function readAnswers(path: string): Answers {
  const bytes = readFileSync(path)
  const json: Json = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
  const { tree, commit, os, id } = json
  return {
    tree,
    commit,
    os,
    id,
    grains: dict(json.grains),
    pillar: dict(json.pillar),
    opts: dict(json.opts),
    mounts: new Map(Object.entries(json.mounts ?? {})) as Map<string, string>,
    roots: new Map(Object.entries(json.file_roots ?? {})) as Map<string, string[]>,
    sls: new Map(Object.entries<Json>(json.sls ?? {}).map(([name, one]) => [name, slsAnswer(one)])),
    templates: (json.templates ?? []).map(templateAnswer),
  }
}

function slsAnswer(one: Json): SlsAnswer {
  const runs = Object.entries<Json>(one.run ?? {})
  return {
    file: one.file,
    status: one.status,
    errorKind: one.error_kind ?? '',
    summary: one.summary ?? '',
    impure: one.impure === true,
    calls: (one.impure_calls ?? []).map((call: Json) => ({
      fun: call.fun,
      args: value(call.args ?? []),
      keywords: value(call.kwargs ?? {}),
      custom: call.custom === true,
      answer: value(call.ret ?? null),
    })),
    low: (one.low ?? []).map(dict),
    run: new Map(runs.map(([name, run]) => [name, typeof run === 'string' ? undefined : runAnswer(run)])),
  }
}

function runAnswer(run: Json): RunAnswer {
  return {
    calls: run.calls ?? [],
    notCalled: (run.not_called ?? []).map(([tag, , result]: Json) => [tag, result]),
  }
}

function templateAnswer(one: Json): TemplateAnswer {
  return {
    id: one.id,
    sls: one.sls,
    name: one.name,
    source: one.source_used ?? one.source ?? '',
    engine: one.template,
    context: dict(one.context),
    defaults: dict(one.defaults),
    output: one.output,
    errorKind: one.error_kind,
    impure: one.impure === true,
  }
}

function dict(json: Json): Dict {
  const read = value(json ?? {})
  return read instanceof Map ? read : new Map()
}

/** `{"__type__": …}` stands for what JSON has no form for. */
function value(json: Json): Value {
  if (Array.isArray(json)) return json.map(value)
  if (json === null || typeof json !== 'object') return json
  switch (json.__type__) {
    case 'tuple':
    case 'set':
    case 'frozenset':
      return json.items.map(value)
    case 'map':
      return new Map(json.items.map(([key, item]: Json) => [value(key), value(item)]))
    case 'float':
      return floatOf(Number(json.repr))
    case 'int':
      return BigInt(json.repr)
    case 'object':
      return json.str
    default:
      return new Map(Object.entries(json).map(([key, item]) => [key, value(item)]))
  }
}

const floatOf = (number: number): Value => (Number.isInteger(number) ? new PyFloat(number) : number)
