/** The whole master below a scratch root, its log and audit kept for inspection, and peers enrolled through its API. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { type RunningMaster, startMaster } from '../../../master/server.ts'
import { systemClock } from '../../../shared/clock.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { masterOptions } from '../../../shared/config/master-options.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { makeKeyPair } from '../../../shared/pki/key-pair.ts'
import { type Identity, openEnrolment } from '../gateway/peer.ts'

export interface RealMaster {
  readonly root: string
  readonly running: RunningMaster
  readonly ca: string
  readonly port: number
  /** Everything that it logged so far, at every level. */
  log(): string
  audit(): string
  api(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  join(name: string): Promise<Identity>
  stop(): Promise<void>
}

/** @param files path below the scratch root → content; `srv/tsalt` and `srv/pillar` are its trees */
export async function realMaster(files: Readonly<Record<string, string>> = {}): Promise<RealMaster> {
  const root = mkdtempSync(join(tmpdir(), 'tsalt-attack-'))
  const lines: string[] = []
  const all = { 'etc/tsalt/master': 'interface: 127.0.0.1\nport: 0\npublic_host: 127.0.0.1\n', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const running = await startMaster({
    options: loadOptions(masterOptions, join(root, 'etc/tsalt/master'), { root_dir: root }),
    clock: systemClock,
    logger: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }),
  })
  const ca = readFileSync(join(root, 'var/lib/tsalt/pki/ca.crt'), 'utf8')
  const api = (path: string, body?: unknown) => ask(running.socket, path, body)
  const reachable = { ca, port: running.address.port }
  return {
    ...reachable,
    root,
    running,
    log: () => lines.join(''),
    audit: () => readFileSync(join(root, 'var/log/tsalt/audit'), 'utf8'),
    api,
    async join(name) {
      const id = parseMinionId(name)
      const pair = makeKeyPair()
      const made = await api('/api/v1/tokens', { idGlob: id, seconds: 60 })
      const desk = await openEnrolment(reachable)
      const decision = await desk.submit(id, pair, (made.body as { token: string }).token)
      desk.channel.close('done')
      if (decision.state !== 'accepted') throw new Error(`not accepted: ${decision.state}`)
      return { id, pair, certificate: decision.certificate }
    },
    async stop() {
      await running.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function ask(
  socketPath: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
      },
    )
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
