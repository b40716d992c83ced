/** The file that the rules of iptables are loaded from at the next start. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Failed, failed } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import type { Family } from './arguments.ts'
import { parseTable, programOf } from './program.ts'

/** @returns undefined where this system has no such file */
function defaultFile(family: Family, look: Reader): string | undefined {
  const isSix = family === 'ipv6'
  const os = look.grains.get('os_family')
  if (os === 'Debian') return `/etc/iptables/rules.${isSix ? 'v6' : 'v4'}`
  if (os === 'RedHat' || os === 'Suse') return `/etc/sysconfig/${programOf(family)}`
  if (os === 'Arch') return `/etc/iptables/${programOf(family)}.rules`
  return os === 'Gentoo' ? `/var/lib/${programOf(family)}/rules-save` : undefined
}

export function savedFile(save: boolean | string, family: Family, look: Reader): string | Failed | undefined {
  if (save === false) return undefined
  if (typeof save === 'string') return save
  return (
    defaultFile(family, look) ??
    failed(
      'It is not known where this system keeps its rules of iptables',
      'Give the file: "save: /path/to/rules".',
    )
  )
}

/** Whether the file has the rule, or without one the chain, as the kernel has it. */
export async function isSaved(
  path: string,
  place: { readonly table: string; readonly chain: string; readonly words?: readonly string[] },
  now: {
    readonly policies: ReadonlyMap<string, string>
    readonly rules: ReadonlyMap<string, readonly string[]>
  },
  look: Reader,
): Promise<boolean> {
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') return false
  const section = new RegExp(`(?:^|\\n)\\*${place.table}\\n([\\s\\S]*?\\n)COMMIT`).exec(file.text)?.[1]
  if (section === undefined) return false
  const saved = parseTable(section)
  if (place.words !== undefined) {
    const [kept, current] = [saved, now].map(({ rules }) => rules.get(place.chain) ?? [])
    if (kept?.some((line) => mayBe(line, place.words ?? []))) return true
    // The kernel may write it so that we do not find it; then any rules that are kept have to do.
    return current?.some((line) => mayBe(line, place.words ?? [])) !== true && kept?.length !== 0
  }
  const lines = (of: ReadonlyMap<string, readonly string[]>): string => (of.get(place.chain) ?? []).join('\n')
  return (
    saved.policies.get(place.chain) === now.policies.get(place.chain) &&
    lines(saved.rules) === lines(now.rules)
  )
}

/** A line of iptables-save has all that the rule was given, in the spelling of the kernel. */
function mayBe(line: string, words: readonly string[]): boolean {
  const there = new Set(
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, word]) =>
      plainWord(quoted?.replace(/\\(.)/g, '$1') ?? word ?? ''),
    ),
  )
  return words.filter((word) => !/^(?:!$|-)/.test(word)).every((word) => there.has(plainWord(word)))
}

const plainWord = (word: string): string =>
  word
    .toLowerCase()
    .replace(/\/(?:32|128)$/, '')
    .split(',')
    .sort()
    .join(',')

/** @returns the failure; undefined: it is written */
export async function saveRules(path: string, family: Family, act: Changer): Promise<Applied | undefined> {
  const result = await act.look.commands.query([`${programOf(family)}-save`])
  if (result.code !== 0)
    return { ok: false, comment: `The rules cannot be read to save them: ${saidBy(result)}` }
  const file = await readTextFile(path, act.look)
  if (file.kind !== 'text') return { ok: false, comment: file.comment }
  await writeTextFile(file, result.stdout, act, { mode: 0o600 })
  return undefined
}
