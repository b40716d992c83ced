/** Custom grains of the tree: the files under `_grains/` in the base environment, copied to a folder and made executable. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { TreeFiles } from '../files/tree-files.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'

const source = '_grains'

/** @returns names that came, changed or went, as `grains.name`; empty where all is as it was */
export async function syncGrains(files: TreeFiles, folder: string, log: Logger): Promise<string[]> {
  if (!files.environments.includes('base')) return []
  const wanted = (await files.under('base', source)).filter(({ path }) => !path.includes('/'))
  const changed: string[] = []
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const { path, sha256 } of wanted) {
    if (hashOfFile(join(folder, path)) === sha256) continue
    const found = await files.fetch('base', `${source}/${path}`)
    if (!found || !isProgram(found.content)) {
      log.error(
        { file: `salt://${source}/${path}` },
        'not a program: its first line must be #!, as in "#!/bin/sh"',
      )
      continue
    }
    writeFileAtomicSync(join(folder, path), found.content, { mode: 0o700, durable: false, walk: false })
    changed.push(`grains.${path}`)
  }
  const keep = new Set(wanted.map(({ path }) => path))
  for (const name of readdirSync(folder)) {
    if (keep.has(name)) continue
    rmSync(join(folder, name), { force: true, recursive: true })
    changed.push(`grains.${name}`)
  }
  return changed
}

function hashOfFile(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined
  }
}

/** A script with its interpreter, or an ELF file. */
function isProgram(content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 4)).toString('latin1')
  return start.startsWith('#!') || start === '\x7fELF'
}
