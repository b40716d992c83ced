/** The text of a script as a file of its own, run and removed again. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Changer } from '../../system/changer.ts'
import type { CommandOptions, CommandResult } from '../../system/reader.ts'
import { given } from '../given.ts'

export interface ScriptText {
  /** Tells scripts of the same text apart that run at the same time. */
  readonly id: string
  readonly text: string
  /** As a shell reads them. */
  readonly parameters: string
  /** The minion's cache. */
  readonly folder: string
}

export interface ScriptOwner {
  readonly runas?: string | undefined
  readonly group?: string | number | undefined
  /** For a text without a first line `#!`. */
  readonly shell?: string | undefined
}

/** With `runas` the script stands in /tmp, because the cache of the minion is not open to other users. */
export async function runScriptText(
  { text, parameters, folder, id }: ScriptText,
  { runas, group, shell }: ScriptOwner,
  options: CommandOptions,
  act: Changer,
): Promise<CommandResult> {
  const name = createHash('sha256').update(id).update('\0').update(text).digest('hex').slice(0, 24)
  const scripts = runas === undefined ? join(folder, 'scripts') : '/tmp'
  const path = join(scripts, `tsalt-${name}`)
  if (!(await act.look.files.infoFollowed(scripts)))
    await act.files.makeDirectory(scripts, { mode: 0o700, parents: true })
  const owner = given({ user: runas, group })
  await act.files.write(path, Buffer.from(text, 'utf8'), { mode: 0o500, ...owner })
  try {
    const command = text.startsWith('#!') ? path : `${shell ?? '/bin/sh'} ${path}`
    return await act.commands.run(`${command} ${parameters}`.trimEnd(), options)
  } finally {
    await act.files.remove(path)
  }
}
