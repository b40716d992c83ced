/** References of requisites to the chunks that they name. */
import { TsaltError } from '../errors/error.ts'
import { isGlob } from '../targeting/glob.ts'
import type { Argument, Call } from './call.ts'
import { CallIndex } from './call-index.ts'
import { ChunkIndex } from './chunk-index.ts'
import type { Declaration } from './document.ts'
import type { Draft } from './draft.ts'
import type { Declarations } from './extend.ts'
import { isRequisiteKind, mostSuggested, requisiteIns } from './keywords.ts'
import type { CompileWarning, Requisite } from './low.ts'
import { plainSls } from './names.ts'
import type { Ordered } from './order.ts'
import { type Reference, readReferences } from './references.ts'

export interface ResolveRequest {
  /** In their final order. */
  readonly ordered: readonly Ordered[]
  /** In the order in which Salt visits them, which is that of what `_in` adds. */
  readonly declarations: Declarations
  /** What was excluded: nothing can be asked of it, and that is no mistake. */
  readonly left: Declarations
  /** `environment:sls` → what it includes. */
  readonly included: ReadonlyMap<string, readonly string[]>
  /** Requisites that are passed over. */
  readonly disabled: ReadonlySet<string>
  /** `_in` requisites of nothing are passed over with a warning, as Salt passes over them in silence. */
  readonly lenient: boolean
  readonly errors: TsaltError[]
  readonly warnings: CompileWarning[]
}

/** @returns for each chunk its requisites, those of `_in` from elsewhere after its own */
export function resolveRequisites(request: ResolveRequest): Requisite[][] {
  return new Resolver(request).resolve()
}

class Resolver {
  private readonly request: ResolveRequest
  private readonly chunks: ChunkIndex
  private readonly left: CallIndex
  private readonly read = new Map<Argument, readonly Reference[]>()
  private readonly result: Requisite[][]
  private suggestions = 0
  private asked = 0

  constructor(request: ResolveRequest) {
    this.request = request
    this.chunks = new ChunkIndex(request.ordered, request.included)
    this.left = new CallIndex(request.left)
    this.result = request.ordered.map(() => [])
  }

  resolve(): Requisite[][] {
    const { ordered, declarations } = this.request
    for (let index = 0; index < ordered.length; index++) {
      const { draft } = ordered[index] as Ordered
      if (draft.requisites.length > 0)
        for (const argument of draft.requisites) this.resolveArgument(index, draft, argument)
    }
    for (const declaration of declarations.values())
      for (let index = 0; index < declaration.calls.length; index++)
        this.resolveInverse(declaration, declaration.calls[index] as Call)
    return this.result
  }

  private resolveInverse(declaration: Declaration, call: Call): void {
    for (let index = 0; index < call.args.length; index++) {
      const argument = call.args[index] as Argument
      if (requisiteIns.has(argument.name) && !this.isDisabled(argument.name, declaration))
        this.inverse(argument, declaration, call.module, this.meant(declaration, call))
    }
  }

  /** What `MODULE: ID` says of a call, once it is turned round: states that have the ID as their name as well. */
  private meant({ id, environment, place }: Declaration, call: Call): readonly number[] {
    const own = this.chunks.ofCall(call)
    const named = this.chunks.find({ state: call.module, name: id, place }, environment)
    return named.length > own.length ? named : own
  }

  private resolveArgument(index: number, draft: Draft, argument: Argument): void {
    const { name } = argument
    if (this.isDisabled(name, draft.declaration)) return
    if (isRequisiteKind(name)) this.own(index, draft, name, argument)
    // What is written below one of several names asks for that one alone.
    else if (draft.nameOrder > 0 && requisiteIns.has(name) && !draft.call.args.includes(argument))
      this.inverse(argument, draft.declaration, draft.call.module, [index])
  }

  private isDisabled(kind: string, { id }: Declaration): boolean {
    const { disabled, warnings } = this.request
    if (!disabled.has(kind)) return false
    const warning = `The requisite "${kind}" is disabled (option disabled_requisites) and passed over.`
    if (!warnings.some(({ text }) => text === warning)) warnings.push({ id, text: warning })
    return true
  }

  private own(index: number, draft: Draft, kind: Requisite['kind'], argument: Argument): void {
    for (const reference of this.references(argument, draft.declaration, draft.nameOrder > 0)) {
      const targets = this.targetsOf(reference, draft, index)
      if (targets === undefined) this.missing(argument.name, reference, draft.declaration)
      else if (targets.length > 0)
        this.result[index]?.push({
          kind,
          state: reference.state,
          reference: reference.name,
          targets,
          place: reference.place,
        })
    }
  }

  /** undefined: nothing has the name. Empty: only the chunk itself or an SLS without states. */
  private targetsOf(reference: Reference, draft: Draft, index: number): readonly number[] | undefined {
    const { environment, sls } = draft.declaration
    const targets = this.chunks.find(reference, environment)
    const ofSls = reference.state === 'sls'
    if (targets.length === 0)
      return ofSls && this.chunks.hasSls(reference.name, environment) ? targets : undefined
    const glob = isGlob(reference.name)
    if (!ofSls && !glob) return targets
    if (!glob && !targets.includes(index)) return targets
    // A pattern that also means the chunk's own SLS would make it wait for its neighbours, and they for it.
    return targets.filter(
      (target) => target !== index && !(ofSls && glob && this.chunks.draft(target).declaration.sls === sls),
    )
  }

  /** `require_in: x` of a state is `require` of x on that state. */
  private inverse(argument: Argument, source: Declaration, module: string, sources: readonly number[]): void {
    const kind = requisiteIns.get(argument.name)
    if (kind === undefined) return
    for (const reference of this.references(argument, source)) {
      const targets = this.chunks.findExact(reference, source.environment)
      if (targets.length === 0 && !this.wasLeftOut(reference) && !this.isEmptySls(reference, source))
        this.missing(argument.name, reference, source)
      for (const target of targets) {
        const others = sources.includes(target) ? sources.filter((index) => index !== target) : sources
        if (others.length > 0)
          this.result[target]?.push({
            kind,
            state: module,
            reference: source.id,
            targets: others,
            place: reference.place,
            ...(kind === 'listen' ? { askedAs: this.asked++ } : {}),
          })
      }
    }
  }

  private isEmptySls({ state, name }: Reference, { environment }: Declaration): boolean {
    return state === 'sls' && this.chunks.hasSls(name, environment)
  }

  private wasLeftOut({ state, name }: Reference): boolean {
    const { left } = this.request
    if (left.size === 0) return false
    if (state === 'sls') return [...left.values()].some(({ sls }) => plainSls(sls) === plainSls(name))
    return this.left.find(state, name).length > 0
  }

  /** @param shared one list stands for several names */
  private references(argument: Argument, { id, sls }: Declaration, shared = true): readonly Reference[] {
    if (!shared) return readReferences(argument, { id, sls, errors: this.request.errors })
    let references = this.read.get(argument)
    if (references === undefined) {
      references = readReferences(argument, { id, sls, errors: this.request.errors })
      this.read.set(argument, references)
    }
    return references
  }

  private missing(kind: string, reference: Reference, { id, sls }: Declaration): void {
    const text =
      reference.state === undefined ? `"${reference.name}"` : `"${reference.state}: ${reference.name}"`
    const { lenient, warnings } = this.request
    if (lenient && requisiteIns.has(kind)) {
      warnings.push({
        id,
        text: `"${kind}" of ID "${id}" in SLS "${sls}" names ${text}, which is not part of this run.`,
      })
      return
    }
    // One mistake, one error.
    if (reference.misread) return
    const hint = this.wasLeftOut(reference)
      ? 'It is excluded from this run.'
      : (withColon(reference) ?? this.suggest(reference))
    this.request.errors.push(
      new TsaltError(
        'requisite-missing',
        { kind, id, sls, reference: text },
        { place: reference.place, ...(hint ? { hint } : {}) },
      ),
    )
  }

  private suggest(reference: Reference): string | undefined {
    this.suggestions += 1
    return this.suggestions > mostSuggested ? undefined : this.chunks.suggest(reference)
  }
}

/** `- pkg nginx` for `- pkg: nginx`. */
function withColon({ state, name }: Reference): string | undefined {
  const [, module, rest] = /^([a-z]\w*)\s+(\S.*)$/.exec(state === undefined ? name : '') ?? []
  return module === undefined ? undefined : `Write "- ${module}: ${rest}".`
}
