/** Speaks with the master: HTTP over its Unix socket or TLS, JSON answers and NDJSON streams. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId } from '../../shared/ids.ts'
import type { StateLook } from '../../shared/output/highstate.ts'
import type {
  BusEvent,
  JobAccount,
  JobEvent,
  JobSubmission,
  JobSubmitted,
  RunnerCall,
  Target,
} from '../api/schemas.ts'
import { exchange, type MasterTransport, stream } from './master-transport.ts'
import { socketTransport } from './socket-transport.ts'

/** What the command line wants to know of the master's configuration. All of it is optional. */
export interface MasterStatus {
  readonly version?: string
  readonly defaultTarget?: string
  /** Seconds. */
  readonly timeout?: number
  readonly output?: string
  readonly summary?: boolean
  readonly stateOutput?: string
  readonly stateVerbose?: boolean
  readonly stateLook?: StateLook
  readonly color?: boolean
}

export interface ListedTarget {
  readonly id: string
  readonly connected: boolean
  readonly lastSeen?: number
}

export interface MasterClient {
  /** Path of the socket, or `https://host:port`. */
  readonly where: string
  submit(submission: JobSubmission): Promise<JobSubmitted>
  jobs(limit: number): Promise<JobAccount[]>
  job(jid: JobId): Promise<JobAccount>
  /** Ends where the stream ends, cleanly or not; throws where it could not be opened. */
  follow(jid: JobId, signal: AbortSignal): AsyncGenerator<JobEvent>
  /** The same. @param query of GET /events */
  events(query: URLSearchParams, signal: AbortSignal): AsyncGenerator<BusEvent>
  kill(jid: JobId, signal: 'TERM' | 'KILL'): Promise<{ told: string[] }>
  targets(target: Target): Promise<{ targets: ListedTarget[] }>
  runner(call: RunnerCall): Promise<{ ret: Json; retcode: number }>
  status(): Promise<MasterStatus>
  get<Answer>(path: string): Promise<Answer>
  post<Answer>(path: string, body: unknown): Promise<Answer>
  remove<Answer>(path: string): Promise<Answer>
}

export const connectMaster = (socket: string): MasterClient => clientOver(socketTransport(socket))

export function clientOver(transport: MasterTransport): MasterClient {
  const get = <Answer>(path: string): Promise<Answer> => exchange(transport, { method: 'GET', path })
  const post = <Answer>(path: string, body: unknown): Promise<Answer> =>
    exchange(transport, { method: 'POST', path, body })
  return {
    where: transport.where,
    get,
    post,
    remove: (path) => exchange(transport, { method: 'DELETE', path }),
    submit: (submission) => post('/jobs', submission),
    jobs: (limit) => get(`/jobs?limit=${limit}`),
    job: (jid) => get(`/jobs/${jid}`),
    follow: (jid, signal) => stream(transport, `/jobs/${jid}/follow`, signal),
    events: (query, signal) => stream(transport, `/events?${query}`, signal),
    kill: (jid, signal) => post(`/jobs/${jid}/kill`, { signal }),
    targets: (target) => post('/targets', target),
    runner: (call) => post('/runners', call),
    status: () => get('/status'),
  }
}
