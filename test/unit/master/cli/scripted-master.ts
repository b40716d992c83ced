/** The other side of the command line in tests: an HTTP server on a real Unix socket that answers from a script. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobAccount, JobEvent, TargetAccount, TargetReturn } from '../../../../master/api/schemas.ts'
import type { RolloutAccount } from '../../../../master/rollouts/schemas.ts'
import { encodeValue, type Json } from '../../../../shared/data/codec.ts'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { type JobId, type MinionId, parseJobId, parseMinionId } from '../../../../shared/ids.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** Answers a request: a document, an error with a status, or a function that writes a stream. */
export type Answer =
  | { readonly status?: number; readonly body: unknown }
  | { readonly stream: (send: (event: JobEvent) => void, response: ServerResponse) => void | Promise<void> }
export type Script = (asked: Asked) => Answer | undefined

export interface ScriptedMaster {
  readonly root: string
  readonly socket: string
  readonly asked: Asked[]
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export async function scriptedMaster(script: Script): Promise<ScriptedMaster> {
  const root = mkdtempSync(join(tmpdir(), 'tsalt-cli-'))
  const socket = join(root, 'master.sock')
  writeFileSync(join(root, 'master'), `socket: ${socket}\n`)
  const asked: Asked[] = []
  const listen = async () => {
    const server = createServer((request, response) => {
      void serve(request, response, script, asked)
    })
    await new Promise<void>((done) => server.listen(socket, done))
    return server
  }
  let server = await listen()
  const stop = async (): Promise<void> => {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
  return {
    root,
    socket,
    asked,
    stop,
    start: async () => {
      server = await listen()
    },
    close: async () => {
      await stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  asked: Asked[],
): Promise<void> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const question = {
    method: request.method ?? '',
    path: (request.url ?? '').replace('/api/v1', ''),
    body: text === '' ? undefined : JSON.parse(text),
  }
  asked.push(question)
  const answer = script(question) ?? {
    status: 404,
    body: { code: 'request-unknown', message: `The master has no ${question.path}.` },
  }
  if ('stream' in answer) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    await answer.stream((event) => response.write(`${JSON.stringify(event)}\n`), response)
    return
  }
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer.body))
}

export const testJid: JobId = parseJobId('20261122031950008068')
const submitted = Date.UTC(2026, 10, 22, 3, 19, 50)

export function target(id: string, fields: Partial<TargetAccount> = {}): TargetAccount {
  return { id: parseMinionId(id), status: 'sent', since: submitted, ...fields }
}

export function returned(id: string, ret: Plain, fields: Partial<TargetReturn> = {}): TargetAccount {
  const answer: TargetReturn = {
    outcome: 'done',
    retcode: 0,
    success: true,
    format: 'nested',
    ret: encodeValue(toValue(ret)) as Json,
    started: submitted,
    duration: 12,
    ...fields,
  }
  return target(id, { status: 'returned', return: answer })
}

export function job(targets: TargetAccount[], fields: Partial<JobAccount> = {}): JobAccount {
  return {
    jid: testJid,
    fun: 'test.ping',
    args: [],
    kwargs: {},
    target: { kind: 'glob', expression: '*' },
    operator: 'root',
    submitted,
    expires: submitted + 300_000,
    targets,
    ...fields,
  }
}

/** The usual script: the job is accepted, then its stream tells these targets and ends. */
export function jobScript(
  targets: TargetAccount[],
  fields: Partial<JobAccount> = {},
  more: { defaulted?: boolean; status?: unknown } = {},
): Script {
  const ids: MinionId[] = targets.map(({ id }) => id)
  return ({ method, path }) => {
    if (path === '/status') return { body: more.status ?? {} }
    if (method === 'POST' && path === '/jobs') {
      return { status: 201, body: { jid: testJid, targets: ids, defaulted: more.defaulted ?? false } }
    }
    if (path === `/jobs/${testJid}/follow`) {
      return {
        stream: (send, response) => {
          send({
            type: 'job',
            job: job(
              ids.map((id) => target(id)),
              fields,
            ),
          })
          for (const each of targets) send({ type: 'target', target: each })
          send({ type: 'end' })
          response.end()
        },
      }
    }
    if (path === `/jobs/${testJid}`) return { body: job(targets, fields) }
    return undefined
  }
}

export const rollout = (
  state: RolloutAccount['state'],
  more: Partial<RolloutAccount> = {},
): RolloutAccount => ({
  jid: testJid,
  state,
  step: 1,
  steps: 1,
  total: 1,
  held: 1,
  underWay: 0,
  succeeded: 0,
  failed: 0,
  offline: 0,
  gatesAsked: 0,
  since: 0,
  ...more,
})
