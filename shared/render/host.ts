/**
 * The machine that a template is rendered on, as far as templates may ask it. Pure calls need none of this: pillar,
 * grains and options are data. Whoever renders hands one over as `host`; without it, what asks the machine is refused.
 */
import type { Place } from '../data/place.ts'
import { type Dict, type Plain, toValue, type Value } from '../data/value.ts'

export interface RenderHost {
  readonly functions?: HostFunctions
  /** Options of `jinja_env` or `jinja_sls_env`. */
  readonly engine?: Dict
  /** Milliseconds that one template may take; the machine may have others to serve. */
  readonly longest?: number
  /** What templates say with `log.info(…)` and its kin: level and message. */
  readonly log?: (level: string, message: string) => void
  /** What the templates of a file made, before it is read as data; not of one with opened secrets. */
  readonly rendered?: (file: string, text: string) => void
}

export type HostKeywords = ReadonlyMap<string, Value>

/** Execution functions by `module.function`. */
export interface HostFunctions {
  has(name: string): boolean
  /** For "did you mean", and what a template sees when it walks `salt`. */
  names(): readonly string[]
  /** What stands in the way of a function that is not there, where it is known: a sentence. */
  why?(name: string): string | undefined
  /** The answer where nothing has to be waited for; undefined: ask `call`. Throws as `call` does. */
  now?(name: string, args: readonly Value[], keywords: HostKeywords): Value | undefined
  /**
   * Called once for each call of the template, in the template's order, however often the template is rendered.
   * @param at where the template calls it
   * @throws TsaltError, which the template fails with, at its place
   */
  call(name: string, args: readonly Value[], keywords: HostKeywords, at: Place | undefined): Promise<Value>
}

const engines = new WeakMap<object, Dict>()

/** The host with the options of a `jinja_env`; none are none. */
export function withEngine(host: RenderHost, options: Readonly<Record<string, unknown>>): RenderHost {
  if (Object.keys(options).length === 0) return host
  const known = engines.get(options)
  const engine =
    known ?? new Map(Object.entries(options).map(([key, value]) => [key, toValue(value as Plain)]))
  engines.set(options, engine)
  return { ...host, engine }
}
