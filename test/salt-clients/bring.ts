/** Brings a client of Salt's into a folder of the run; nothing of it is kept. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface Source {
  readonly name: string
  /** What git clones: an address, or a folder with a repository. */
  readonly from: string
}

/** @throws Error that says why it cannot be had */
export function bring(
  { name, from }: Source,
  folder: string,
): { readonly path: string; readonly commit: string } {
  const path = join(folder, name)
  const cloned = git(['clone', '--quiet', '--depth', '1', '--', from, path])
  if (cloned.status !== 0)
    throw new Error(
      `${name} cannot be had from ${from}: ${cloned.said}\nAnother place: --${name} FOLDER-OR-ADDRESS`,
    )
  return { path, commit: git(['-C', path, 'log', '-1', '--format=%h of %as']).out }
}

function git(args: readonly string[]): { status: number | null; out: string; said: string } {
  // Nobody is there to type a password.
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' }
  const ran = spawnSync('git', args, { encoding: 'utf8', timeout: 120_000, env })
  return {
    status: ran.status,
    out: (ran.stdout ?? '').trim(),
    said: (ran.stderr ?? '').trim() || String(ran.error ?? 'git ended without a word'),
  }
}
