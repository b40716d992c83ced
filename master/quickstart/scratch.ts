/** The scratch folder of the quick start: a copy of the example tree, one configuration for each program. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface QuickMinion {
  readonly id: string
  readonly level: 'production' | 'staging'
}

export const quickMinions: readonly QuickMinion[] = [
  { id: 'web1.production', level: 'production' },
  { id: 'web2.production', level: 'production' },
  { id: 'web1.staging', level: 'staging' },
]

export interface Scratch {
  readonly folder: string
  readonly masterRoot: string
  minionRoot(minion: QuickMinion): string
  home(minion: QuickMinion): string
  readonly pillars: string
}

/** @param project the checkout, whose states/ and pillars/ are copied */
export async function makeScratch(project: string): Promise<Scratch> {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-quickstart-'))
  const scratch: Scratch = {
    folder,
    masterRoot: join(folder, 'master'),
    minionRoot: ({ id }) => join(folder, id),
    home: ({ id }) => join(folder, id, 'srv', 'welcome'),
    pillars: join(folder, 'pillars'),
  }
  cpSync(join(project, 'states'), join(folder, 'states'), { recursive: true })
  cpSync(join(project, 'pillars'), scratch.pillars, { recursive: true })
  const port = await freePort()
  writeConfiguration(join(scratch.masterRoot, 'etc/tsalt/master'), [
    'interface: 127.0.0.1',
    `port: ${port}`,
    'public_host: 127.0.0.1',
    "default_target: '*'",
    `file_roots: {base: [${JSON.stringify(join(folder, 'states'))}]}`,
    `pillar_roots: {base: [${JSON.stringify(scratch.pillars)}]}`,
  ])
  for (const minion of quickMinions) {
    writeConfiguration(join(scratch.minionRoot(minion), 'etc/tsalt/minion'), [
      `id: ${minion.id}`,
      'master: 127.0.0.1',
      `master_port: ${port}`,
      'grains:',
      `  level: ${minion.level}`,
      `  home: ${JSON.stringify(scratch.home(minion))}`,
    ])
  }
  return scratch
}

function writeConfiguration(file: string, lines: readonly string[]): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o750 })
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o640 })
}

/** A port that nothing listens on right now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
