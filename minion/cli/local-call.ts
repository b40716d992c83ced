/** Runs a call in this process, without a master: trees and pillars are folders of this machine. */
import { accessSync, constants } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { nextJobId } from '../../shared/ids.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { bindCall, type Call, refusedReturn, runCall } from '../jobs/call.ts'
import { ProgramCatalog } from '../programs/catalog.ts'
import { functionTable } from '../services/function-table.ts'
import { argumentsOf, redactedReturn } from '../services/job-secrets.ts'
import type { LocalCall } from '../services/local-messages.ts'
import type { MasterPort } from '../services/master-port.ts'
import { MinionWorld } from '../services/minion-world.ts'
import { programsFolder } from '../services/tree-programs.ts'
import type { MinionConfig } from './minion-config.ts'

/** @param signal ends the call as cancelled */
export async function callHere(
  { options, id, folder }: MinionConfig,
  asked: LocalCall,
  parts: {
    readonly clock: Clock
    readonly log: Logger
    readonly signal: AbortSignal
    readonly redactor: Redactor
  },
): Promise<JobReturn> {
  const { clock, log, signal, redactor } = parts
  const call: Call = { ...asked, jid: nextJobId(clock.now(), undefined) }
  let bound: ReturnType<typeof bindCall>
  try {
    bound = bindCall(call, functionTable(new ProgramCatalog(programsFolder(options.state_dir))))
  } catch (error) {
    return refusedReturn(call, error, clock.now())
  }
  redactor.learnFrom(argumentsOf(call))
  const running = { jid: call.jid, fun: call.fun, args: call.args, pid: process.pid, started: clock.now() }
  const makeWorld = await MinionWorld.prepare({
    options,
    id,
    clock,
    log,
    local: true,
    configFolder: folder,
    undo: canWrite(options.state_dir),
    pillarCompiled: (pillar, secrets) => redactor.learn(pillar, secrets),
    argumentsSeen: (args) => redactor.learnFrom(args),
  })
  const world = makeWorld(noMaster, () => ({ running: () => [running], kill: () => false }))
  const job = { jid: call.jid, signal, progress: () => {} }
  let opened: Awaited<ReturnType<MinionWorld['openJob']>>
  try {
    opened = await world.openJob(job, call.fun, undefined)
  } catch (error) {
    return redactedReturn(redactor, { ...refusedReturn(call, error, clock.now()), outcome: 'done' }, 'here')
  }
  const { context, close } = opened
  try {
    const result = await runCall(call, bound, context, clock, () =>
      signal.aborted ? 'cancelled' : undefined,
    )
    return redactedReturn(redactor, result, 'here')
  } finally {
    close()
  }
}

const noMaster: MasterPort = {
  isReady: false,
  send: () => false,
  request: async () => {
    throw new TsaltError('minion-not-connected', {})
  },
}

/** An undo journal needs the state directory; without rights to it, a call as a plain user goes without. */
function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
