/** What a simulated minion answers: what the real functions would, without a machine. */
import type { Json } from '../../../shared/data/codec.ts'
import type { JobDelivery } from '../../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../../shared/protocol/messages/job-return.ts'

/** States in a highstate; all are in order. */
export const statesInHighstate = 100

/** @param random in [0, 1): durations differ, as they do */
export function answerTo({ jid, fun }: JobDelivery, random: () => number): JobReturn {
  const base = { jid, fun, outcome: 'done', retcode: 0, success: true, started: Date.now() } as const
  if (fun === 'test.ping') return { ...base, format: 'nested', ret: true, duration: 0 }
  if (fun !== 'state.highstate' && fun !== 'state.apply')
    return {
      ...base,
      outcome: 'refused',
      retcode: 1,
      success: false,
      format: 'nested',
      ret: fun,
      duration: 0,
    }
  return { ...base, format: 'highstate', ret: highstate(random), duration: 90 }
}

function highstate(random: () => number): Json {
  const ret: Record<string, Json> = {}
  for (let number = 0; number < statesInHighstate; number++) {
    const name = `/etc/application/conf.d/setting-${number}.conf`
    ret[`file_|-${name}_|-${name}_|-managed`] = {
      name,
      result: true,
      comment: `File ${name} is in the correct state`,
      changes: {},
      __run_num__: number,
      __id__: name,
      __sls__: 'application.settings',
      start_time: '13:33:55.171000',
      duration: Math.round(random() * 3000) / 1000,
    }
  }
  return ret
}
