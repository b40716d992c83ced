/**
 * Has systemd read a unit that is not in its place yet: the candidate lies in a private folder, which is asked about
 * and removed. What the folder lacks (dependencies, other drop-ins) systemd finds where it always does.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CommandResult } from '../../../system/reader.ts'

type Ask = (argv: readonly string[]) => Promise<CommandResult>

/** @returns what is wrong with these files, a line each; undefined: nothing, or nobody can tell */
export async function verifyUnit(
  unit: string,
  files: ReadonlyMap<string, string>,
  ask: Ask,
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-verify-'))
  try {
    for (const [name, text] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    if (!files.has(unit)) {
      const base = await baseOf(unit, ask)
      // A drop-in may come before its unit.
      if (base === undefined) return undefined
      writeFileSync(join(folder, unit), base)
    }
    const result = await ask(['systemd-analyze', 'verify', '--man=no', '--', join(folder, unit)])
    return complaints(`${result.stdout}\n${result.stderr}`, folder, [...files.keys()], result.code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The unit file that a drop-in adds to, without its own drop-ins. */
async function baseOf(unit: string, ask: Ask): Promise<string | undefined> {
  const shown = await ask(['systemctl', 'show', '--property=FragmentPath', '--value', '--', unit])
  const path = shown.stdout.trim()
  if (shown.code !== 0 || !path.startsWith('/') || path === '/dev/null') return undefined
  const read = await ask(['cat', '--', path])
  return read.code === 0 ? read.stdout : undefined
}

/** Said of programs and units that a later state brings, and of habits that still work. */
const harmless =
  /is not executable: (?:No such file or directory|Permission denied)|obsolete|deprecated|legacy|unsafe|not loaded|not found/i

function complaints(
  said: string,
  folder: string,
  names: readonly string[],
  code: number,
): string | undefined {
  if (code === 127) return undefined
  const own = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes(`${folder}/`) || names.some((name) => line.startsWith(`${name}:`)))
    .filter((line) => !harmless.test(line))
    .map((line) => line.replaceAll(`${folder}/`, ''))
  return own.length > 0 ? [...new Set(own)].join('\n') : undefined
}
