/** Keeps secrets out of what jobs say: out of results, refusals and progress. */
import { decodeValue } from '../../shared/data/codec.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { Call } from '../jobs/call.ts'
import type { JobSecrets } from '../jobs/job-runner-parts.ts'

export function jobSecrets(redactor: Redactor): JobSecrets {
  return {
    learn: (call) => redactor.learnFrom(argumentsOf(call)),
    result: (result, from) => redactedReturn(redactor, result, from),
    progress(progress) {
      const { step } = progress
      if (step === undefined) return progress
      return { ...progress, step: { ...step, id: redactor.text(step.id), name: redactor.text(step.name) } }
    },
  }
}

/** Who asks for the pillar on the machine itself sees it: that answer goes to their terminal and is stored nowhere. */
export function redactedReturn(redactor: Redactor, result: JobReturn, from: 'master' | 'here'): JobReturn {
  if (from === 'here' && result.fun.startsWith('pillar.')) return result
  return { ...result, ret: redactor.json(result.ret) }
}

/** What cannot be decoded is refused later, with its reason. */
export function argumentsOf({ args, kwargs }: Pick<Call, 'args' | 'kwargs'>): Dict {
  try {
    const named: Dict = new Map()
    for (const [name, value] of Object.entries(kwargs)) named.set(name, decodeValue(value))
    return named.set('arguments', args.map(decodeValue))
  } catch {
    return new Map()
  }
}
