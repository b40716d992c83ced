/** Speaks with the master: HTTP over its Unix socket, JSON answers and NDJSON streams. */
import { readFileSync, statSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import type { Json } from '../../shared/data/codec.ts'
import type { Place } from '../../shared/data/place.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { errorCodes } from '../../shared/errors/registry.ts'
import type { JobId } from '../../shared/ids.ts'
import type {
  BusEvent,
  JobAccount,
  JobEvent,
  JobSubmission,
  JobSubmitted,
  RunnerCall,
  Target,
} from '../api/schemas.ts'
import { MasterRefusal } from './master-refusal.ts'

/** What the command line wants to know of the master's configuration. All of it is optional. */
export interface MasterStatus {
  readonly version?: string
  readonly defaultTarget?: string
  /** Seconds. */
  readonly timeout?: number
  readonly stateOutput?: string
  readonly stateVerbose?: boolean
  readonly color?: boolean
}

export interface ListedTarget {
  readonly id: string
  readonly connected: boolean
  readonly lastSeen?: number
}

export interface MasterClient {
  readonly socket: string
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

const api = '/api/v1'

export function connectMaster(socket: string): MasterClient {
  const get = <Answer>(path: string): Promise<Answer> => exchange(socket, 'GET', path, undefined)
  const post = <Answer>(path: string, body: unknown): Promise<Answer> => exchange(socket, 'POST', path, body)
  return {
    socket,
    get,
    post,
    remove: (path) => exchange(socket, 'DELETE', path, undefined),
    submit: (submission) => post('/jobs', submission),
    jobs: (limit) => get(`/jobs?limit=${limit}`),
    job: (jid) => get(`/jobs/${jid}`),
    follow: (jid, signal) => stream(socket, `/jobs/${jid}/follow`, signal),
    events: (query, signal) => stream(socket, `/events?${query}`, signal),
    kill: (jid, signal) => post(`/jobs/${jid}/kill`, { signal }),
    targets: (target) => post('/targets', target),
    runner: (call) => post('/runners', call),
    status: () => get('/status'),
  }
}

async function exchange<Answer>(
  socket: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: unknown,
): Promise<Answer> {
  const lost = (error: NodeJS.ErrnoException): Error => connectionError(socket, path, body, error)
  const response = await send(socket, method, path, body, undefined)
  const text = await wholeText(response, lost)
  const answer = parse(text)
  if ((response.statusCode ?? 500) >= 400) throw refusalOf(answer, response.statusCode ?? 500)
  return answer as Answer
}

async function* stream<Line>(socket: string, path: string, signal: AbortSignal): AsyncGenerator<Line> {
  const response = await send(socket, 'GET', path, undefined, signal)
  if ((response.statusCode ?? 500) >= 400) {
    const lost = (error: NodeJS.ErrnoException): Error => connectionError(socket, path, undefined, error)
    throw refusalOf(parse(await wholeText(response, lost)), response.statusCode ?? 500)
  }
  response.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield parse(line) as Line
    }
  } catch (error) {
    if (!signal.aborted && !isBroken(error)) throw error
  } finally {
    response.destroy()
  }
}

function send(
  socket: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((done, failed) => {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const options: RequestOptions & { readonly servername: string } = {
      socketPath: socket,
      method,
      path: api + path,
      agent: false,
      // Otherwise Node looks whether the host is an address, which costs 4 ms.
      servername: '',
      headers: {
        host: 'tsalt',
        ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
      },
      ...(signal ? { signal } : {}),
    }
    const outgoing = httpRequest(options, done)
    outgoing.on('error', (error: NodeJS.ErrnoException) => failed(connectionError(socket, path, body, error)))
    outgoing.end(payload)
  })
}

async function wholeText(
  response: IncomingMessage,
  lost: (error: NodeJS.ErrnoException) => Error,
): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer)
  } catch (error) {
    if (isBroken(error)) throw lost(error as NodeJS.ErrnoException)
    throw error
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TsaltError('master-answer-unreadable', { reason: `no JSON: ${text.slice(0, 60)}` })
  }
}

function connectionError(socket: string, path: string, body: unknown, error: NodeJS.ErrnoException): Error {
  const { code } = error
  if (code === 'EACCES' || code === 'EPERM') {
    return new TsaltError('master-socket-denied', { socket, group: groupOf(socket) }, { cause: error })
  }
  if (isBroken(error) && path === '/jobs') {
    const jid = (body as JobSubmission | undefined)?.jid ?? ''
    return new TsaltError('submission-uncertain', { jid }, { cause: error })
  }
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nobody listens on it',
    ENOTSOCK: 'it is not a socket',
    ECONNRESET: 'the connection broke',
    EPIPE: 'the connection broke',
  }
  const reason = reasons[code ?? ''] ?? error.message
  return new TsaltError('master-down', { socket, reason }, { cause: error })
}

const isBroken = (error: unknown): boolean =>
  ['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
    String((error as NodeJS.ErrnoException).code),
  )

/** The group that may use a socket: its name where /etc/group knows it. */
function groupOf(socket: string): string {
  try {
    const { gid } = statSync(socket)
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(gid))
    return line?.split(':')[0] ?? String(gid)
  } catch {
    // Its folder is closed too.
    return 'tsalt'
  }
}

function refusalOf(answer: unknown, status: number): MasterRefusal {
  const { code, message, hint, place } = (answer ?? {}) as {
    code?: string
    message?: string
    hint?: string
    place?: Place
  }
  const known =
    code !== undefined && Object.hasOwn(errorCodes, code)
      ? errorCodes[code as keyof typeof errorCodes]
      : undefined
  const exit = known?.exit ?? (status === 403 || status === 401 ? 77 : status === 400 ? 64 : 1)
  return new MasterRefusal(
    code ?? `http-${status}`,
    message ?? `The master answered with status ${status}.`,
    exit,
    {
      hint,
      place,
    },
  )
}
