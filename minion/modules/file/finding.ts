/** `file.find`: entries below a folder by name, kind and owner. */
import * as v from 'valibot'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, formatMode } from '../../../shared/schema/paths.ts'
import { text, whole } from '../../../shared/schema/scalars.ts'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import type { FileInfo, FileType, Reader } from '../../system/reader.ts'
import { execFunction } from '../contract.ts'

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
  mindepth: defaulted(whole, 0, 'Leaves out what is less deep; the folder itself is 0.'),
  maxdepth: optional(whole, 'Goes no deeper.'),
  print: defaulted(text, 'path', 'path, name, type, size, mode, user or group; several by comma.'),
})
type Wanted = v.InferOutput<typeof args>
type Found = { readonly path: string; readonly name: string; readonly info: FileInfo }

async function fitting(wanted: Wanted): Promise<(found: Found) => boolean> {
  const tests: ((found: Found) => boolean)[] = []
  const { name, iname, regex, iregex, type, owner, group } = wanted
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
  return (found) => tests.every((test) => test(found))
}

/** As Python's `re.match`, by the engine that does not backtrack without bound. */
async function matching(pattern: string, ignoreCase: boolean): Promise<(found: Found) => boolean> {
  const { compileRegex } = await import('../../../shared/render/jinja/salt/regex/python-regex.ts')
  try {
    const regex = compileRegex(pattern, { ignoreCase })
    return ({ path }) => regex.match(path) !== undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TsaltError('function-failed', {
      fun: 'file.find',
      reason: `the pattern cannot be read: ${reason}`,
    })
  }
}

function printed({ path, name, info }: Found, fields: readonly string[]): string | (string | number)[] {
  const values = fields.map((field) => {
    if (field === 'name') return name
    if (field === 'type') return Object.entries(letters).find(([, type]) => type === info.type)?.[0] ?? ''
    if (field === 'size') return info.size
    if (field === 'mode') return formatMode(info.mode)
    if (field === 'user') return info.user
    return field === 'group' ? info.group : path
  })
  const [only] = values
  return values.length === 1 && typeof only === 'string' ? only : values
}

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
      const fits = await fitting(wanted)
      const fields = wanted.print.split(',').map((field) => field.trim())
      const found: (string | (string | number)[])[] = []
      for await (const entry of walk(look, wanted.path, wanted.maxdepth ?? Number.POSITIVE_INFINITY))
        if (entry.depth >= wanted.mindepth && fits(entry)) found.push(printed(entry, fields))
      return found
    },
  }),
}
