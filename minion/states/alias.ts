/** alias.*: where mail for a name goes, in /etc/aliases. */
import * as v from 'valibot'
import { isList } from '../../shared/data/value.ts'
import { needed } from '../../shared/schema/argument.ts'
import { readText } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { type AliasEntry, aliasesIn, aliasFile as file, isSameName, squeezed } from './alias-lines.ts'
import { type Applied, drift, inSync, stateFunction, stateModule } from './contract.ts'
import { saidBy } from './said-by.ts'
import { linesOf, readTextFile, type TextFile, textOf, writeTextFile } from './text-file.ts'

const aliasName = shaped<string>({
  words: 'name',
  json: { type: 'string', minLength: 1 },
  read(value) {
    const read = readText(value)?.trim()
    return read !== undefined && /^(?:"[^"\r\n]+"|[^\s:#"][^:#"\r\n]*)$/.test(read)
      ? read
      : new Mismatch(`a name without ":" and "#" is expected, not ${describeValue(value)}`)
  },
})
const targets = shaped<string>({
  words: 'address, or list of addresses',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read(value) {
    const parts = (isList(value) ? value : [value]).map((item) => readText(item)?.trim() ?? '')
    return parts.length > 0 && parts.every((part) => part !== '' && !/[\r\n]/.test(part))
      ? parts.join(', ')
      : new Mismatch(`an address or a list of them is expected, not ${describeValue(value)}`)
  },
})

async function look(name: string, reader: Reader) {
  const text = await readTextFile(file, reader)
  if (text.kind !== 'text') return text
  const lines = linesOf(text.text)
  return {
    kind: 'aliases' as const,
    text,
    lines,
    known: aliasesIn(lines).filter((one) => isSameName(one.name, name)),
  }
}

const present = stateFunction({
  summary: 'Makes sure that mail for a name goes to these addresses.',
  args: v.strictObject({
    name: needed(aliasName, 'Name before the colon: `root`.'),
    target: needed(targets, 'Where its mail goes: an address, or several.'),
  }),
  examples: [
    'root:\n  alias.present:\n    - target: ops@example.org\n',
    'webmaster:\n  alias.present:\n    - target: [alice, bob@example.org]\n',
  ],
  async check({ name, target }, reader) {
    const now = await look(name, reader)
    if (now.kind !== 'aliases') return now
    const { text, lines, known } = now
    if (known.length === 1 && squeezed(known[0]?.target ?? '') === squeezed(target))
      return inSync(`Alias ${name} already present`)
    const [first] = known
    const after = lines.filter((_, index) => !known.slice(1).some((one) => isWithin(index, one)))
    if (first === undefined) after.push(`${name}: ${target}`)
    else after.splice(first.from, first.to - first.from, `${first.name}: ${target}`)
    return drift(
      { alias: name },
      {
        would: `Alias ${name} -> ${target} is set to be added`,
        done: `Set email alias ${name} -> ${target}`,
      },
      (act) => write(text, after, act),
    )
  },
})

const isWithin = (index: number, { from, to }: AliasEntry): boolean => index >= from && index < to

const absent = stateFunction({
  summary: 'Makes sure that mail for a name goes nowhere else.',
  args: v.strictObject({ name: needed(aliasName, 'Name before the colon: `olduser`.') }),
  examples: ['olduser:\n  alias.absent: []\n'],
  async check({ name }, reader) {
    const now = await look(name, reader)
    if (now.kind !== 'aliases') return now
    const { text, lines, known } = now
    if (known.length === 0) return inSync(`Alias ${name} already absent`)
    const after = lines.filter((_, index) => !known.some((one) => isWithin(index, one)))
    return drift(
      { alias: name },
      { would: `Alias ${name} is set to be removed`, done: `Removed alias ${name}` },
      (act) => write(text, after, act),
    )
  },
})

const rebuild = ['newaliases']

/**
 * Mail programs read a database that newaliases makes of the file. An undo goes backwards, and has to make it again
 * once the file is back: so it is made before the change as well, which is what the undo repeats last.
 */
async function write(text: TextFile, lines: readonly string[], act: Changer): Promise<Applied | undefined> {
  const hasDatabase = (await act.look.commands.which('newaliases')) !== undefined
  if (hasDatabase && text.info) await act.commands.run(rebuild, { undo: [{ argv: rebuild }] })
  await writeTextFile(text, textOf(lines), act, { mode: 0o644 })
  if (!hasDatabase) return undefined
  const { code, stderr, stdout } = await act.commands.run(rebuild, { undo: [] })
  return code === 0
    ? undefined
    : {
        ok: false,
        comment: `${file} was written, but newaliases failed: ${saidBy({ code, stderr, stdout })}`,
      }
}

export const alias = stateModule({ summary: 'Where mail for a name goes.', functions: { present, absent } })
