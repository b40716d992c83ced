/** The renderer yamlex: YAML in which a key may stand twice, and the tags `!aggregate` and `!reset` say what becomes of it. */
import { aggregate, asAggregate, markAggregated } from '../data/aggregate.ts'
import type { SourceMap } from '../data/marks.ts'
import { isMarkedSecret } from '../data/provenance.ts'
import type { Key, Value } from '../data/value.ts'
import { readFully } from './yaml.ts'
import { Constructor } from './yaml-constructor.ts'
import { type Frame, mergeSources } from './yaml-frame.ts'
import { readQuickly } from './yaml-quick/reader.ts'
import { resolvePlain } from './yaml-scalars.ts'

/** @throws TsaltError `yaml-…` with place */
export function loadYamlex(text: string, source: SourceMap): Value {
  // The quick reader gives back whatever has a tag or a key twice; without them this is YAML.
  return readQuickly(text, source) ?? readFully(text, source, YamlexConstructor)
}

interface Pair {
  readonly key: Key
  readonly value: Value
  readonly keyAt: number
  readonly at: number
  readonly secret: boolean
  readonly reset: boolean
}

interface Pairs {
  readonly merged: Pair[]
  readonly own: Pair[]
}

class YamlexConstructor extends Constructor {
  /** Of the mappings that are open: what is written in them, in that order. */
  private readonly pairs = new Map<Frame, Pairs>()

  protected override tagsOf(isMapping: boolean): readonly string[] {
    return [...super.tagsOf(isMapping), '!aggregate', '!reset']
  }

  protected override tagged(tag: string, text: string, plain: boolean, at: number): Value {
    if (tag !== '!aggregate' && tag !== '!reset') return super.tagged(tag, text, plain, at)
    const value = resolvePlain(text)
    if (tag === '!reset' || this.awaitsKey()) return value
    return asAggregate(value === null ? [] : value)
  }

  protected override checkKey(): void {}

  protected override member(frame: Frame, value: Value, at: number, secret: boolean): void {
    const { key, keyAt, keyTag } = frame
    // On a key the tag is meant for the value, as Salt says in a warning.
    const item = keyTag === '!aggregate' ? asAggregate(value ?? []) : value
    this.pairsOf(frame).own.push({ key, value: item, keyAt, at, secret, reset: keyTag === '!reset' })
  }

  protected override merge(frame: Frame, value: Value, at: number): void {
    const { merged } = this.pairsOf(frame)
    for (const source of mergeSources(value, () => this.source.placeOf(at)))
      for (const [key, item] of source) {
        const secret = isMarkedSecret(source, key)
        merged.push({ key, value: item, keyAt: at, at, secret, reset: false })
      }
  }

  protected override finish(frame: Frame): void {
    const { dict, marks } = frame
    const { merged, own } = this.pairsOf(frame)
    this.pairs.delete(frame)
    for (const { key, value, keyAt, at, secret, reset } of [...merged, ...own]) {
      const before = dict?.get(key)
      dict?.set(key, before === undefined || reset ? value : aggregate(before, value))
      marks?.add(key, keyAt, at)
      if (secret) marks?.markSecret(key)
    }
    if (frame.tag === '!aggregate') markAggregated(frame.value)
  }

  private pairsOf(frame: Frame): Pairs {
    const known = this.pairs.get(frame) ?? { merged: [], own: [] }
    this.pairs.set(frame, known)
    return known
  }
}
