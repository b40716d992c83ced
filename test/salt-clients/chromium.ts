/** A headless Chromium, driven over its debugging protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const flags = [
  ...[
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-sync',
    '--disable-quic',
  ],
  ...['--disable-background-networking', '--disable-component-update', '--ignore-certificate-errors'],
  ...['--remote-debugging-port=0', '--window-size=1400,900', 'about:blank'],
]

/** What can be seen: pages and forms that are not shown are there as well. */
const visibleText = `[...document.querySelectorAll('#popup-run-command, .route.current, .route')]
  .filter((part) => getComputedStyle(part).display !== 'none' && getComputedStyle(part).opacity !== '0')
  .map((part) => part.innerText).join(' / ').replace(/\\s+/g, ' ')`

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly [name: string]: unknown }
  readonly result?: { readonly [name: string]: unknown }
  readonly error?: { readonly message: string }
}

export class Chromium {
  /** What the page wrote to its console as an error, and exceptions that nobody caught. */
  readonly complaints: string[] = []
  readonly #process: ChildProcess
  readonly #socket: WebSocket
  readonly #open = new Map<number, (reply: Reply) => void>()
  #last = 0

  private constructor(process: ChildProcess, socket: WebSocket) {
    this.#process = process
    this.#socket = socket
    socket.on('message', (text) => this.#received(JSON.parse(String(text)) as Reply))
  }

  /** @throws Error where there is none */
  static async start(folder: string): Promise<Chromium> {
    const program = process.env.CHROMIUM ?? programs.find((path) => existsSync(path))
    if (program === undefined)
      throw new Error('there is no Chromium: apt-get install chromium, or CHROMIUM=PATH')
    const profile = join(folder, 'profile')
    mkdirSync(profile, { recursive: true })
    const child = spawn(program, [`--user-data-dir=${profile}`, ...flags], { stdio: 'ignore' })
    const port = await portOf(join(profile, 'DevToolsActivePort'), child)
    const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      readonly type: string
      readonly webSocketDebuggerUrl: string
    }[]
    const page = pages.find(({ type }) => type === 'page')
    if (page === undefined) throw new Error('Chromium has no page')
    const socket = new WebSocket(page.webSocketDebuggerUrl, { perMessageDeflate: false })
    await new Promise((done, failed) => socket.once('open', done).once('error', failed))
    const browser = new Chromium(child, socket)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`)
    return browser
  }

  async go(url: string): Promise<void> {
    await this.send('Page.navigate', { url })
  }

  /** Of an expression in the page. */
  async value<Answer>(expression: string): Promise<Answer> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as {
      result: { value: Answer }
      exceptionDetails?: { text: string; exception?: { description?: string } }
    }
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Until an expression is true. @throws Error that shows the text of the page */
  async until(what: string, expression: string, seconds = 30): Promise<void> {
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      // While a page is loading there may be nothing to ask.
      if (await this.value<boolean>(`Boolean(${expression})`).catch(() => false)) return
      await pause(100)
    }
    const text = await this.value<string>(visibleText).catch(() => 'no page')
    throw new Error(`waited ${seconds} s until ${what}; the page shows:\n${text.slice(0, 800)}`)
  }

  async screenshot(file: string): Promise<void> {
    const { data } = (await this.send('Page.captureScreenshot', { format: 'png' })) as { data: string }
    writeFileSync(file, Buffer.from(data, 'base64'))
  }

  /** By its own word: what was started may be a script whose end ends no browser. */
  async stop(): Promise<void> {
    const gone = new Promise((done) => this.#process.once('exit', done))
    this.#socket.send(JSON.stringify({ id: ++this.#last, method: 'Browser.close' }))
    await Promise.race([gone, pause(10_000)])
    this.#socket.close()
    this.#process.kill('SIGKILL')
  }

  async send(method: string, params: object = {}): Promise<Reply['result']> {
    const id = ++this.#last
    const reply = new Promise<Reply>((done) => this.#open.set(id, done))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const { error, result } = await reply
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }

  #received(reply: Reply): void {
    if (reply.id !== undefined) {
      this.#open.get(reply.id)?.(reply)
      this.#open.delete(reply.id)
    } else if (reply.method === 'Runtime.exceptionThrown' || reply.method === 'Log.entryAdded')
      this.complaints.push(complaintOf(reply))
  }
}

function complaintOf({ params }: Reply): string {
  const { entry, exceptionDetails } = (params ?? {}) as {
    readonly entry?: { readonly level: string; readonly text: string; readonly url?: string }
    readonly exceptionDetails?: {
      readonly text: string
      readonly exception?: { readonly description?: string }
    }
  }
  if (entry !== undefined) return `${entry.level}: ${entry.text} ${entry.url ?? ''}`
  return `exception: ${exceptionDetails?.exception?.description ?? exceptionDetails?.text}`
}

async function portOf(file: string, child: ChildProcess): Promise<string> {
  for (let look = 0; look < 600; look++) {
    if (child.exitCode !== null) throw new Error(`Chromium ended with ${child.exitCode}`)
    if (existsSync(file)) {
      const [port] = readFileSync(file, 'utf8').split('\n')
      if (port) return port
    }
    await pause(100)
  }
  throw new Error('Chromium did not open its debugging port')
}
