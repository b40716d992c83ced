/** `tsalt-run state.orchestrate SLS`: starts an orchestration and follows it as a job; leaving it ends nothing. */
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { parseJobId } from '../../shared/ids.ts'
import type { Console } from './console.ts'
import { followAndReport, statusOf } from './job-session.ts'
import type { MasterClient } from './master-client.ts'
import type { ReportingOptions } from './reporting-options.ts'

export const orchestrations: ReadonlySet<string> = new Set(['state.orchestrate', 'state.orch', 'state.sls'])

/** @param keywords of the runner, without `attached` */
export async function runOrchestration(
  client: MasterClient,
  console: Console,
  options: ReportingOptions,
  call: { readonly fun: string; readonly args: readonly Value[]; readonly kwargs: Dict },
): Promise<number> {
  const began = console.clock.monotonic()
  const kwargs: Record<string, Json> = { attached: false }
  for (const [key, value] of call.kwargs) kwargs[String(key)] = encodeValue(value)
  const status = await statusOf(client)
  const { ret } = await client.runner({ fun: call.fun, args: call.args.map(encodeValue), kwargs })
  const started = decodeValue(ret)
  const jid = parseJobId(isDict(started) ? String(started.get('jid')) : '')
  const dryRun = call.kwargs.get('test') === true ? true : undefined
  if (options.verbose) console.err(`Orchestration ${jid}\n`)
  return followAndReport(
    client,
    console,
    options,
    { jid, fun: 'state.orchestrate', defaulted: false, began, dryRun, announce: false, own: true },
    status,
  )
}
