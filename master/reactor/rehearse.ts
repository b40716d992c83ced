/** What would be done about an event, without doing it. */
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import { requireCallable } from './callable.ts'
import { dataOf } from './event-data.ts'
import { callArguments } from './perform.ts'
import { type Reaction, reactionName } from './reaction.ts'
import type { Reactor } from './reactor.ts'
import type { Rehearsal, RehearsedReaction } from './reactor-door.ts'
import type { ReactorFiles } from './reactor-files.ts'

export interface RehearsalParts {
  readonly reactor: Reactor
  readonly files: ReactorFiles
  readonly access: Access
  readonly resolveTarget: ResolveTarget
  readonly clock: Clock
}

/** @param data as the event bus has it: of a minion's event what the minion sent */
export async function rehearse(
  parts: RehearsalParts,
  tag: string,
  data: Json,
): Promise<readonly Rehearsal[]> {
  const { reactor, files, clock } = parts
  const event = { tag, data, at: clock.now() }
  const rehearsals: Rehearsal[] = []
  for (const { entry, tag: seenTag } of reactor.meant(tag)) {
    const actor = reactor.actorOf(entry)
    for (const name of entry.files) {
      const head = { glob: entry.glob, as: actor.name }
      try {
        const seen = { tag: seenTag, data: dataOf(event), trusted: entry.trustData }
        for (const file of await files.expand(name))
          rehearsals.push(
            await rehearseFile(parts, { ...head, file }, actor, () => files.reactions(file, seen)),
          )
      } catch (error) {
        rehearsals.push({ ...head, file: name, reactions: [], error: describeError(error) })
      }
    }
  }
  return rehearsals
}

async function rehearseFile(
  parts: RehearsalParts,
  head: Pick<Rehearsal, 'file' | 'glob' | 'as'>,
  actor: Actor,
  read: () => Promise<readonly Reaction[]>,
): Promise<Rehearsal> {
  try {
    const reactions: RehearsedReaction[] = []
    for (const reaction of await read()) reactions.push(await rehearseOne(parts, reaction, actor))
    return { ...head, reactions }
  } catch (error) {
    return { ...head, reactions: [], error: describeError(error) }
  }
}

async function rehearseOne(
  parts: RehearsalParts,
  reaction: Reaction,
  actor: Actor,
): Promise<RehearsedReaction> {
  const shown = { id: reaction.id, name: reactionName(reaction), call: wordsOf(reaction) }
  try {
    return { ...shown, ...(await lookedAt(parts, reaction, actor)) }
  } catch (error) {
    return { ...shown, error: describeError(error) }
  }
}

/** @throws TsaltError what would refuse it */
async function lookedAt(
  { access, resolveTarget }: RehearsalParts,
  reaction: Reaction,
  actor: Actor,
): Promise<Pick<RehearsedReaction, 'minions'>> {
  const call = { fun: reaction.fun, ...callArguments(reaction) }
  if (reaction.kind === 'local') {
    const minions = (await resolveTarget(reaction.target)).map(({ id }) => id)
    if (!(await access.allows(actor, { kind: 'job', ...call, minions }))) throw denied(actor, call.fun)
    return { minions }
  }
  requireCallable(reaction)
  if (!(await access.allows(actor, { kind: reaction.kind, ...call })))
    throw denied(actor, reactionName(reaction))
  return {}
}

const denied = ({ name }: Actor, act: string): TsaltError => new TsaltError('access-denied', { name, act })

function wordsOf(reaction: Reaction): Dict {
  const { args, kwargs } = reaction
  const words: Record<string, Plain> = {
    ...(reaction.kind === 'local' ? { tgt: reaction.target.expression, tgt_type: reaction.target.kind } : {}),
    ...(reaction.kind === 'local' && reaction.subset !== undefined ? { subset: reaction.subset } : {}),
    ...(args.length > 0 ? { arg: [...args] } : {}),
    ...(kwargs.size > 0 ? { kwarg: kwargs } : {}),
  }
  return toValue(words) as Dict
}
