/** As much of an editor as speaks the Language Server Protocol with a server over its standard input and output. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export interface Diagnostic {
  readonly message: string
  readonly range: { readonly start: { readonly line: number; readonly character: number } }
}

export interface Completion {
  readonly label: string
  readonly documentation?: string | { readonly value: string }
}

export class LanguageClient {
  readonly #server: ChildProcessWithoutNullStreams
  readonly #settings: Readonly<Record<string, unknown>>
  readonly #waiting = new Map<number, (message: Message) => void>()
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>()
  readonly #listeners = new Set<() => void>()
  #held = Buffer.alloc(0)
  #number = 0

  private constructor(argv: readonly string[], settings: Readonly<Record<string, unknown>>) {
    this.#settings = settings
    this.#server = spawn(process.execPath, [...argv])
    // It ends while it is asked something: whoever waits for an answer will say so.
    this.#server.stdin.on('error', () => undefined)
    this.#server.stdout.on('data', (chunk: Buffer) => this.#hear(chunk))
  }

  /** @param settings those of yaml-language-server, by their names in editors without `yaml.` */
  static async start(
    argv: readonly string[],
    settings: Readonly<Record<string, unknown>>,
  ): Promise<LanguageClient> {
    const client = new LanguageClient(argv, settings)
    const capabilities = {
      textDocument: {
        completion: { completionItem: { documentationFormat: ['plaintext'] } },
        hover: { contentFormat: ['plaintext'] },
      },
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: false } },
    }
    await client.ask('initialize', { processId: process.pid, rootUri: null, capabilities })
    client.tell('initialized', {})
    client.tell('workspace/didChangeConfiguration', { settings: { yaml: settings } })
    return client
  }

  stop(): void {
    this.#server.kill()
  }

  ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#number
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      )
      this.#send({ id, method, params })
    })
  }

  tell(method: string, params: unknown): void {
    this.#send({ method, params })
  }

  open(uri: string, text: string): void {
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } })
  }

  /** Waits for what the server has to say of a file, which may be nothing at all. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const known = (): readonly Diagnostic[] | undefined => this.#diagnostics.get(uri)
    while (known() === undefined) await new Promise<void>((heard) => this.#listeners.add(heard))
    return known() ?? []
  }

  /** @param text with `|` where the cursor is */
  async complete(uri: string, text: string): Promise<readonly Completion[]> {
    const answer = await this.ask('textDocument/completion', this.#at(uri, text))
    return (answer as { items: readonly Completion[] }).items
  }

  /** @param text with `|` where the pointer is */
  async hover(uri: string, text: string): Promise<string> {
    const answer = await this.ask('textDocument/hover', this.#at(uri, text))
    return JSON.stringify((answer as { contents?: unknown } | null)?.contents ?? '')
  }

  #at(uri: string, text: string): object {
    const before = text.slice(0, text.indexOf('|')).split('\n')
    this.open(uri, text.replace('|', ''))
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
    return { textDocument: { uri }, position }
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
    this.#server.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]))
  }

  #hear(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk])
    for (;;) {
      const end = this.#held.indexOf('\r\n\r\n')
      if (end === -1) return
      const length = Number(/Content-Length: (\d+)/.exec(this.#held.toString('latin1', 0, end))?.[1])
      if (this.#held.length < end + 4 + length) return
      const message = JSON.parse(this.#held.toString('utf8', end + 4, end + 4 + length)) as Message
      this.#held = this.#held.subarray(end + 4 + length)
      this.#take(message)
    }
  }

  #take({ id, method, params, ...rest }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Diagnostic[] }
      this.#diagnostics.set(uri, diagnostics)
      for (const heard of this.#listeners) heard()
      this.#listeners.clear()
    } else if (method !== undefined && id !== undefined) this.#answer(id, method, params)
    else if (id !== undefined) this.#waiting.get(id)?.(rest)
  }

  /** What a server asks of its editor. */
  #answer(id: number, method: string, params: unknown): void {
    const isSettings = method === 'workspace/configuration'
    const { items } = (isSettings ? params : { items: [] }) as { items: readonly { section?: string }[] }
    const result = items.map(({ section }) => (section === 'yaml' ? this.#settings : null))
    this.#send({ id, result: isSettings ? result : null })
  }
}
