/**
 * A thread that runs modules of the tree, seen from the minion. Whatever happens in it is an error of the call: what
 * does not end is ended with its thread, and the daemon goes on.
 */
import { Worker } from 'node:worker_threads'
import { type Dict, PyFloat, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { type Asked, answerAsked, changes, looks } from './machine-ports.ts'

/** Milliseconds that a function may spend by itself; what it waits for (a command) has limits of its own. */
const timeLimit = 120_000
const graceAfterAbort = 2_000
const megabytes = 256

export interface CodeCall {
  /** `salt://_states/disk.js`, for messages. */
  readonly file: string
  /** Absent: nothing of the machine is asked (a description). */
  readonly look?: Reader
  /** Absent: nothing may be changed. */
  readonly act?: Changer
}

interface Open extends CodeCall {
  resolve(value: unknown): void
  reject(error: unknown): void
  timer: NodeJS.Timeout | undefined
  asking: number
  readonly errors: Map<number, TsaltError>
}

interface Reply {
  readonly kind: 'done' | 'failed'
  readonly call: number
  readonly value?: unknown
  readonly reason?: string
  readonly token?: number
}

export class CodeWorker {
  readonly #worker: Worker
  readonly #limit: number
  readonly #open = new Map<number, Open>()
  readonly #decisions = new Set<number>()
  #number = 0
  #tokens = 0
  #grains: Dict | undefined
  #pillar: Dict | undefined
  #said = ''
  #gone: string | undefined

  constructor(limit = timeLimit) {
    this.#limit = limit
    this.#worker = new Worker(workerFile(), {
      execArgv: [],
      workerData: { looks, changes },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    })
    this.#worker.stdout.resume()
    this.#worker.stderr.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk.toString('utf8')}`.slice(-500)
    })
    this.#worker.on('message', (message: Reply | Asked) => this.#hear(message))
    this.#worker.on('error', (error) => this.#end(error.message))
    this.#worker.on('exit', (code) => this.#end(`its thread ended with ${code}`))
    this.#worker.unref()
  }

  get isGone(): boolean {
    return this.#gone !== undefined
  }

  get isBusy(): boolean {
    return this.#open.size > 0
  }

  /** Changes that were decided and not made yet. */
  get hasDecisions(): boolean {
    return this.#decisions.size > 0
  }

  holdDecision(number: number): void {
    this.#decisions.add(number)
  }

  releaseDecision(number: number): void {
    this.#decisions.delete(number)
  }

  async close(): Promise<void> {
    this.#gone ??= 'it was closed'
    await this.#worker.terminate()
  }

  /**
   * @returns the answer, and the number under which the thread knows a decision
   * @throws TsaltError `program-failed`, or what the machine answered to the function
   */
  async ask(
    call: CodeCall,
    message: Readonly<Record<string, unknown>>,
  ): Promise<{ value: unknown; number: number }> {
    if (this.#gone !== undefined) throw programFailed(call.file, this.#gone)
    const number = ++this.#number
    if (call.look) this.#tellFacts(call.look)
    const value = await new Promise((resolve, reject) => {
      const open: Open = { ...call, resolve, reject, timer: undefined, asking: 0, errors: new Map() }
      this.#open.set(number, open)
      this.#worker.ref()
      this.#watch(number, open)
      this.#obey(number, call.act?.signal)
      try {
        this.#worker.postMessage({ ...message, call: number })
      } catch (error) {
        this.#finish(number, () => reject(programFailed(call.file, String(error))))
      }
    })
    return { value, number }
  }

  /** Grains and pillar are large: they are sent when they are others. */
  #tellFacts({ grains, pillar }: Reader): void {
    if (grains === this.#grains && pillar === this.#pillar) return
    this.#grains = grains
    this.#pillar = pillar
    this.#worker.postMessage({ kind: 'facts', grains: forCode(grains), pillar: forCode(pillar) })
  }

  #hear(message: Reply | Asked): void {
    const open = this.#open.get(message.call)
    if (!open) return
    if (message.kind === 'ask') return void this.#answer(message, open)
    const { kind, value, reason = '', token } = message as Reply
    const known = token === undefined ? undefined : open.errors.get(token)
    this.#finish(message.call, () => {
      if (kind === 'done') open.resolve(value)
      else open.reject(known ?? programFailed(open.file, reason))
    })
  }

  async #answer(asked: Asked, open: Open): Promise<void> {
    open.asking += 1
    clearTimeout(open.timer)
    const answer: Record<string, unknown> = { kind: 'answer', number: asked.number }
    try {
      answer.value = await answerAsked(asked, open.look, open.act)
    } catch (error) {
      const token = ++this.#tokens
      if (isTsaltError(error)) open.errors.set(token, error)
      const reason = error instanceof Error ? error.message : String(error)
      answer.error = { reason, code: isTsaltError(error) ? error.code : undefined, token }
    }
    open.asking -= 1
    if (!this.#open.has(asked.call)) return
    this.#watch(asked.call, open)
    this.#worker.postMessage(answer)
  }

  #watch(number: number, open: Open): void {
    if (open.asking > 0) return
    clearTimeout(open.timer)
    open.timer = setTimeout(() => {
      if (this.#open.has(number)) this.#end(`${open.file} took longer than ${this.#limit / 1000} s`)
    }, this.#limit)
  }

  /** A job that is ended ends its function: asked first, then with its thread. */
  #obey(number: number, signal: AbortSignal | undefined): void {
    signal?.addEventListener(
      'abort',
      () => {
        if (!this.#open.has(number)) return
        this.#worker.postMessage({ kind: 'abort', call: number, reason: String(signal.reason) })
        setTimeout(() => {
          if (this.#open.has(number)) this.#end('the job was ended')
        }, graceAfterAbort)
      },
      { once: true },
    )
  }

  #finish(number: number, settle: () => void): void {
    clearTimeout(this.#open.get(number)?.timer)
    this.#open.delete(number)
    if (this.#open.size === 0) this.#worker.unref()
    settle()
  }

  #end(reason: string): void {
    this.#gone ??= this.#said === '' ? reason : `${reason}: ${this.#said.trim()}`
    for (const [number, { file, reject }] of [...this.#open])
      this.#finish(number, () => reject(programFailed(file, this.#gone ?? reason)))
    void this.#worker.terminate()
  }
}

function workerFile(): URL {
  // Beside the bundle, or beside this source.
  return new URL('./tree-code-worker.mjs', import.meta.url)
}

/** What only tsalt knows of numbers becomes a number. */
function forCode(value: Value): Value {
  if (value instanceof PyFloat) return value.value
  if (Array.isArray(value)) return value.map(forCode)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, forCode(item)]))
  return value
}

const programFailed = (file: string, reason: string): TsaltError =>
  new TsaltError(
    'program-failed',
    { file, reason },
    { hint: 'It is code of the tree; docs/guide/custom-modules.md says what it may do.' },
  )
