/** What is said of a rollout while its job is followed, and of a list of them. */
import { localTime } from '../../shared/output/durations.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'

/** A line where its state or step is another than the one that was told before; undefined: nothing is worth saying. */
export function rolloutLine(now: RolloutAccount, before: RolloutAccount | undefined): string | undefined {
  const { state, step, steps, jid } = now
  if (before?.state === state && before.step === step) return undefined
  const why = now.reason === undefined ? '' : `: ${harmlessLine(now.reason)}`
  const place = steps > 1 ? ` (step ${step + 1} of ${steps})` : ''
  switch (state) {
    case 'running':
      if (steps === 1 && before === undefined) return undefined
      return `Rollout: step ${step + 1} of ${steps}, ${now.held} of ${now.total} still to come.`
    case 'paused':
      return `Rollout paused${place}${why}. Go on: tsalt rollout resume ${jid}`
    case 'stopped':
      return `Rollout stopped${place}${why}. Nothing more is begun. Go on in spite of it: tsalt rollout resume ${jid} · end it: tsalt rollout abort ${jid}`
    case 'aborted':
      return `Rollout aborted${place}.`
    case 'done':
      return undefined
  }
}

/** ` after 3 of 10 minions; nothing was run on the others.` */
export function afterWords(rollout: RolloutAccount | undefined): string {
  if (rollout === undefined) return '.'
  const { total, held, state, succeeded, failed, offline } = rollout
  if (held + offline === total) return ' before anything was run.'
  // What was under way is counted with what was left alone.
  if (state === 'aborted') return ` after ${succeeded + failed} of ${total} minions.`
  return ` after ${total - held - offline} of ${total} minions; nothing was run on the others.`
}

/** Of one that is done: how those come to it that it left out. undefined: there is none. */
export function againWords({ state, failed, offline, jid }: RolloutAccount): string | undefined {
  if (state !== 'done' || failed + offline === 0) return undefined
  const left = [...(failed > 0 ? [`${failed} failed`] : []), ...(offline > 0 ? [`${offline} offline`] : [])]
  return `Rollout done, ${left.join(', ')}. Once more on these: tsalt rollout retry-failed ${jid}`
}

/** One line of a list. */
export function rolloutRow(rollout: RolloutAccount): string {
  const { jid, state, step, steps, total, succeeded, failed, offline, held, underWay, reason } = rollout
  const counts = [
    `${succeeded} of ${total} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(offline > 0 ? [`${offline} offline`] : []),
    ...(underWay > 0 ? [`${underWay} under way`] : []),
    ...(held > 0 ? [`${held} ${state === 'aborted' ? 'left alone' : 'to come'}`] : []),
  ]
  const place = steps > 1 ? `step ${step + 1} of ${steps}, ` : ''
  const why = reason === undefined ? '' : `  (${harmlessLine(reason)})`
  return `${jid}  ${localTime(rollout.since)}  ${state.padEnd(7)}  ${place}${counts.join(', ')}${why}`
}
