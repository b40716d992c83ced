/** `file.find`: entries below a folder by name, kind, owner, size, age and content. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, formatMode } from '../../../shared/schema/paths.ts'
import { text, whole } from '../../../shared/schema/scalars.ts'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import type { FileInfo, FileType, Reader } from '../../system/reader.ts'
import { execFunction } from '../contract.ts'
import { ageCondition, hasLine, sizeCondition } from './find-conditions.ts'

/** Entries looked at; a walk over a whole disk in a template is a mistake. */
const mostEntries = 200_000

const letters: Readonly<Record<string, FileType>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  p: 'fifo',
  s: 'socket',
  c: 'character-device',
  b: 'block-device',
}

const args = v.strictObject({
  path: needed(absolutePath, 'The folder.'),
  name: optional(text, 'Glob for the name.'),
  iname: optional(text, 'Glob for the name, whatever its case.'),
  regex: optional(text, 'Regular expression for the path.'),
  iregex: optional(text, 'Regular expression for the path, whatever its case.'),
  type: optional(text, 'Letters: f, d, l, p, s, c, b.'),
  owner: optional(text, 'Name or id of the owner.'),
  group: optional(text, 'Name or id of the group.'),
  size: optional(
    text,
    '`+10m`: that much at least; `-1k`: that much at most; `5k`: so many. Units b, k, m, g, t.',
  ),
  mtime: optional(
    text,
    '`3d`: changed within three days; `+2w`: before. Units w, d, h, m, s, also together.',
  ),
  grep: optional(text, 'Regular expression that a line of a file has.'),
  delete: optional(text, 'Refused: this function changes nothing. The state file.tidied removes old files.'),
  exec: optional(text, 'Refused: this function changes nothing. Give what it finds to cmd.run.'),
  mindepth: defaulted(whole, 0, 'Leaves out what is less deep; the folder itself is 0.'),
  maxdepth: optional(whole, 'Goes no deeper.'),
  print: defaulted(
    text,
    'path',
    'path, name, type, size, mode, mtime, md5, user or group; several by comma.',
  ),
})
type Wanted = v.InferOutput<typeof args>
type Found = { readonly path: string; readonly name: string; readonly info: FileInfo }

async function fitting(wanted: Wanted): Promise<(found: Found) => boolean> {
  const tests: ((found: Found) => boolean)[] = []
  const { name, iname, regex, iregex, type, owner, group, size, mtime } = wanted
  if (name !== undefined) {
    const fits = compileGlob(name)
    tests.push((found) => fits(found.name))
  }
  if (iname !== undefined) {
    const fits = compileGlob(iname.toLowerCase())
    tests.push((found) => fits(found.name.toLowerCase()))
  }
  if (regex !== undefined) tests.push(await matching(regex, false))
  if (iregex !== undefined) tests.push(await matching(iregex, true))
  if (type !== undefined) {
    const types = new Set([...type].map((letter) => letters[letter]))
    tests.push(({ info }) => types.has(info.type))
  }
  if (owner !== undefined) tests.push(({ info }) => info.user === owner || String(info.uid) === owner)
  if (group !== undefined) tests.push(({ info }) => info.group === group || String(info.gid) === group)
  if (size !== undefined) {
    const fits = sizeCondition(size) ?? unreadable('size', size)
    tests.push(({ info }) => fits(info))
  }
  if (mtime !== undefined) {
    const fits = ageCondition(mtime, systemClock.now()) ?? unreadable('mtime', mtime)
    tests.push(({ info }) => fits(info))
  }
  return (found) => tests.every((test) => test(found))
}

function unreadable(argument: string, given: string): never {
  throw new TsaltError('function-argument-invalid', {
    fun: 'file.find',
    argument,
    reason: `${JSON.stringify(given)} cannot be read`,
  })
}

/** As Python's `re.match`. */
async function matching(pattern: string, ignoreCase: boolean): Promise<(found: Found) => boolean> {
  const regex = await compiled(pattern, ignoreCase)
  return ({ path }) => regex.match(path) !== undefined
}

/** By the engine that does not backtrack without bound. */
async function compiled(pattern: string, ignoreCase: boolean) {
  const { compileRegex } = await import('../../../shared/render/jinja/salt/regex/python-regex.ts')
  try {
    return compileRegex(pattern, { ignoreCase })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TsaltError('function-failed', {
      fun: 'file.find',
      reason: `the pattern cannot be read: ${reason}`,
    })
  }
}

async function printed({ path, name, info }: Found, fields: readonly string[], look: Reader) {
  const values: (string | number)[] = []
  for (const field of fields) values.push(await fieldOf(field))
  const [only] = values
  return values.length === 1 && typeof only === 'string' ? only : values

  async function fieldOf(field: string): Promise<string | number> {
    if (field === 'name') return name
    if (field === 'type') return Object.entries(letters).find(([, type]) => type === info.type)?.[0] ?? ''
    if (field === 'size') return info.size
    if (field === 'mode') return formatMode(info.mode)
    if (field === 'mtime') return Math.trunc(info.modified / 1_000)
    if (field === 'user' || field === 'owner') return info.user
    if (field === 'md5') return info.type === 'file' ? md5(await look.files.read(path)) : ''
    return field === 'group' ? info.group : path
  }
}

const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex')

/** Links are not followed. What cannot be read is left out, as find does. */
async function* walk(look: Reader, root: string, deepest: number): AsyncGenerator<Found & { depth: number }> {
  const pending = [{ path: root, depth: 0 }]
  let count = 0
  for (let next = pending.pop(); next !== undefined && count < mostEntries; next = pending.pop()) {
    count += 1
    const { path, depth } = next
    const info = await look.files.info(path).catch(() => undefined)
    if (info === undefined) continue
    yield { path, name: path.slice(path.lastIndexOf('/') + 1), info, depth }
    if (info.type !== 'directory' || depth >= deepest) continue
    const names = await look.files.list(path).catch(() => [])
    for (const name of names.toReversed())
      pending.push({ path: `${path === '/' ? '' : path}/${name}`, depth: depth + 1 })
  }
}

export const finding = {
  find: execFunction({
    summary: 'Paths below a folder, of what fits every condition.',
    args,
    examples: ["tsalt '*' file.find /etc name='*.conf' type=f maxdepth=2"],
    readOnly: true,
    run: async (wanted, { look }) => {
      const refused = (['delete', 'exec'] as const).find((argument) => wanted[argument] !== undefined)
      if (refused !== undefined)
        throw new TsaltError('function-argument-invalid', {
          fun: 'file.find',
          argument: refused,
          reason: 'this function changes nothing',
        })
      const fits = await fitting(wanted)
      const regex = wanted.grep === undefined ? undefined : await compiled(wanted.grep, false)
      const fields = wanted.print.split(',').map((field) => field.trim())
      const found: (string | (string | number)[])[] = []
      for await (const entry of walk(look, wanted.path, wanted.maxdepth ?? Number.POSITIVE_INFINITY))
        if (entry.depth >= wanted.mindepth && fits(entry) && (!regex || (await hasMatch(entry))))
          found.push(await printed(entry, fields, look))
      return found

      async function hasMatch({ path, info }: Found): Promise<boolean> {
        return info.type === 'file' && hasLine(path, (line) => regex?.search(line) !== undefined, look)
      }
    },
  }),
}
