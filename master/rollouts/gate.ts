/** Gates: whether a minion serves again after its turn. A command ends with 0, or an address answers below 400. */
import type { Json } from '../../shared/data/codec.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { Actor } from '../auth/actor.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { Gate, RolloutWish } from './schemas.ts'

export interface GateQuestion {
  readonly id: MinionId
  readonly gate: string
  /** Seconds; default 60. */
  readonly timeout: number | undefined
  readonly operator: string
  /** Wall time; the question goes on from here after a restart of the master. */
  readonly since: number | undefined
}

const shippedTimeout = 60
/** Milliseconds between two questions. */
const pause = 2_000
/** Between two looks at a question that is under way. */
const look = 100

/** @returns undefined where the master stops meanwhile */
export async function askGate(
  parts: RolloutParts,
  question: GateQuestion,
  signal: AbortSignal,
): Promise<Gate | undefined> {
  const since = question.since ?? parts.clock.now()
  const end = since + (question.timeout ?? shippedTimeout) * 1000
  for (;;) {
    const { open, said, jid } = await ask(parts, question, end, signal)
    if (signal.aborted) return undefined
    if (open) return { state: 'open', since, ...(jid === undefined ? {} : { jid }) }
    if (parts.clock.now() + pause > end)
      return { state: 'failed', since, said, ...(jid === undefined ? {} : { jid }) }
    await sleep(pause, signal)
  }
}

interface GateCall {
  readonly http: boolean
  readonly fun: string
  readonly args: Json[]
  readonly kwargs: Record<string, Json>
}

function callOf(gate: string): GateCall {
  const http = /^https?:\/\//i.test(gate)
  return http
    ? { http, fun: 'http.query', args: [gate], kwargs: { status: true } }
    : { http, fun: 'cmd.retcode', args: [gate], kwargs: { python_shell: true } }
}

/** Asked before anything begins: who may not run the gate by hand has no rollout with it. @throws TsaltError `access-denied` */
export async function requireGate(
  { access }: RolloutParts,
  actor: Actor,
  { gate }: Pick<RolloutWish, 'gate'>,
  minions: readonly MinionId[],
): Promise<void> {
  if (gate === undefined) return
  const { fun, args, kwargs } = callOf(gate)
  await access.require(actor, { kind: 'job', fun, args, kwargs, minions })
}

interface Answer {
  readonly open: boolean
  readonly said: string
  readonly jid?: Gate['jid']
}

async function ask(
  { jobs, store, clock, access }: RolloutParts,
  { id, gate, operator }: GateQuestion,
  end: number,
  signal: AbortSignal,
): Promise<Answer> {
  const { http, ...call } = callOf(gate)
  const left = Math.max(1, Math.ceil((end - clock.now()) / 1000))
  const submission = {
    target: { kind: 'list' as const, expression: id },
    ...call,
    expirySeconds: left,
  }
  const { jid } = await jobs.submit(submission, access.actor(operator))
  while (!signal.aborted) {
    const target = (await jobs.verdicts(jid)).get(id)
    if (target?.status === 'returned') {
      const returned = await store.returns.find(jid, id)
      return { ...judge(http, returned?.ret ?? null), jid }
    }
    if (target === undefined || target.status === 'expired' || clock.now() > end)
      return { open: false, said: 'the gate was not answered in time', jid }
    await sleep(look, signal)
  }
  return { open: false, said: '' }
}

function judge(http: boolean, ret: Json): { readonly open: boolean; readonly said: string } {
  if (!http) return { open: ret === 0, said: typeof ret === 'number' ? `exit code ${ret}` : short(ret) }
  const { status, error } = (typeof ret === 'object' && ret !== null ? ret : {}) as {
    status?: Json
    error?: Json
  }
  if (typeof status === 'number') return { open: status < 400, said: `status ${status}` }
  return { open: false, said: short(error ?? ret) }
}

const short = (json: Json): string => (typeof json === 'string' ? json : JSON.stringify(json)).slice(0, 200)

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
