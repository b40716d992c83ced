/** Runner `reactor`: what happens on which events, how far the reactor has come, and what it would do. */
import * as v from 'valibot'
import { encodeValue } from '../../shared/data/codec.ts'
import { type Plain, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { localTime } from '../../shared/output/durations.ts'
import { ownRights } from '../engines/own-rights.ts'
import type { ReactorEntry } from '../reactor/entry.ts'
import type { ReactorDoor, RehearsedReaction } from '../reactor/reactor-door.ts'
import { RunnerAnswer, type RunnerContext, runner, runnerFunction } from './contract.ts'

const event = v.pipe(v.string(), v.nonEmpty(), v.description('A glob over tags.'))

export const reactor = runner({
  summary: 'What happens on which events.',
  functions: {
    list: runnerFunction({
      summary: 'The entries of the reactor: globs over tags with their files.',
      args: v.strictObject({}),
      examples: ['tsalt-run reactor.list'],
      async run(_args, context) {
        const door = doorOf(context)
        return door.list().map((entry) => shownEntry(entry, door.warningOf(entry)))
      },
    }),
    add: runnerFunction({
      summary: 'Adds an entry, kept until it is deleted.',
      args: v.strictObject({
        event,
        reactors: v.pipe(
          v.unknown(),
          v.description('A file, a list of files, or sls beside as, from, trust_data.'),
        ),
      }),
      examples: ["tsalt-run reactor.add 'salt/minion/*/start' reactors='/srv/reactor/start.sls'"],
      async run({ event: glob, reactors }, context) {
        const value = toValue(reactors as Plain)
        const isRoot = context.actor.grants === 'everything'
        await doorOf(context).add(glob, isRoot ? value : ownRights(value, context.actor, 'reactor.add'))
        return { status: true, comment: 'Reactor added.' }
      },
    }),
    delete: runnerFunction({
      summary: 'Deletes an entry that was added.',
      args: v.strictObject({ event }),
      examples: ["tsalt-run reactor.delete 'salt/minion/*/start'"],
      async run({ event: glob }, context) {
        await doorOf(context).remove(glob)
        return { status: true, comment: 'Reactor deleted.' }
      },
    }),
    is_leader: runnerFunction({
      summary: 'Whether this master reacts: always, as it is the only one of its store.',
      args: v.strictObject({}),
      examples: ['tsalt-run reactor.is_leader'],
      run: async () => true,
    }),
    status: runnerFunction({
      summary: 'How far the reactor has come in the events, and its last mistakes.',
      args: v.strictObject({}),
      examples: ['tsalt-run reactor.status'],
      async run(_args, context) {
        const { running, offset, lag, underWay, counts, errors } = await doorOf(context).status()
        return {
          running,
          offset,
          lag,
          under_way: underWay,
          ...counts,
          errors: errors.map(({ at, sequence, tag, error }) => ({ at: localTime(at), sequence, tag, error })),
        }
      },
    }),
    test: runnerFunction({
      summary: 'What would be done about an event; nothing of it is done.',
      args: v.strictObject({
        tag: v.pipe(
          v.string(),
          v.nonEmpty(),
          v.description('The tag of the event, of a minion: minion/ID/TAG.'),
        ),
        data: v.optional(
          v.pipe(v.unknown(), v.description('Its data; of a minion what it sends.')),
          () => ({}),
        ),
      }),
      examples: [
        "tsalt-run reactor.test salt/minion/web1/start '{id: web1}'",
        "tsalt-run reactor.test minion/web1/myco/deployed '{version: 1.2}'",
      ],
      async run({ tag, data }, context) {
        const rehearsals = await doorOf(context).rehearse(tag, encodeValue(toValue(data as Plain)))
        const isWrong = rehearsals.some(
          (each) => each.error !== undefined || each.reactions.some(({ error }) => error),
        )
        const shown = rehearsals.map(({ file, glob, as, reactions, error }) => ({
          file,
          glob,
          as,
          ...(error === undefined ? { reactions: reactions.map(shownReaction) } : { error }),
        }))
        return isWrong ? new RunnerAnswer(shown, 1) : shown
      },
    }),
  },
})

function doorOf({ doors }: RunnerContext): ReactorDoor {
  if (doors.reactor === undefined) throw new TsaltError('master-stopping', {})
  return doors.reactor
}

/** As Salt lists them; what Salt does not know of an entry stands beside its files. */
function shownEntry(
  { glob, files, as, from, trustData, added }: ReactorEntry,
  warning: string | undefined,
): Plain {
  const more = {
    ...(as === undefined ? {} : { as }),
    ...(from === 'anyone' ? {} : { from }),
    ...(trustData ? { trust_data: true } : {}),
    ...(added ? { added: true } : {}),
    ...(warning === undefined ? {} : { warning }),
  }
  return { [glob]: Object.keys(more).length === 0 ? files : { sls: files, ...more } }
}

const shownReaction = ({ id, name, call, minions, error }: RehearsedReaction): Plain => ({
  [id]: {
    [name]: call,
    ...(minions === undefined ? {} : { minions }),
    ...(error === undefined ? {} : { error }),
  },
})
