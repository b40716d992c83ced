/** host.*: names in /etc/hosts. */
import * as v from 'valibot'
import { isList } from '../../../shared/data/value.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { flag, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, inSync, stateFunction, stateModule } from '../contract.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import { type HostLine, type HostsTable, parseHosts, writeHosts, writtenLines } from './table.ts'

const path = '/etc/hosts'

const address = shaped<string[]>({
  words: 'address, or list of addresses',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read(value) {
    const read = (isList(value) ? value : [value]).map((item) => readText(item)?.trim() ?? '')
    const wrong = read.find((one) => !isAddress(one))
    return wrong === undefined && read.length > 0
      ? read
      : new Mismatch(`an address is expected, not ${describeValue(isList(value) ? wrong : value)}`)
  },
})
function isAddress(text: string): boolean {
  const parts = text.split('.')
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return true
  const [bare = ''] = text.split('%')
  return bare.includes(':') && /^[0-9a-f:.]{2,45}$/i.test(bare) && bare.split('::').length <= 2
}
const hostName = shaped<string>({
  words: 'name of a host',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[^\s#]+$/.test(read)
      ? read
      : new Mismatch(`the name of a host is expected, not ${describeValue(value)}`)
  },
})

interface Edited {
  readonly table: HostsTable
  readonly added: Readonly<Record<string, readonly string[]>>
  readonly removed: Readonly<Record<string, readonly string[]>>
}

/** Reads the file, has it edited, and tells what was added and removed by address. */
async function edit(
  look: Reader,
  words: { readonly already: string; readonly would: string; readonly done: string },
  change: (table: HostsTable) => Edited,
): Promise<Decision> {
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') return file
  const before = parseHosts(file.text)
  const { table, added, removed } = change(before)
  const changes = {
    ...(Object.keys(added).length > 0 && { added: copied(added) }),
    ...(Object.keys(removed).length > 0 && { removed: copied(removed) }),
  }
  if (Object.keys(changes).length === 0) return inSync(words.already)
  const text = writeHosts(table, writtenLines(file.text, before))
  return drift(changes, words, (act) => writeTextFile(file, text, act))
}

const copied = (table: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(table).map(([ip, names]) => [ip, [...names]]))

/** Adds names to the line of an address, or a line at the end. */
function withName(table: HostsTable, ip: string, name: string): HostsTable {
  const at = table.findIndex((line) => typeof line !== 'string' && line.ip === ip)
  const line = table[at]
  if (line === undefined || typeof line === 'string') return [...table, { ip, names: [name], comment: '' }]
  return table.with(at, { ...line, names: [...line.names, name] })
}

function withoutName(table: HostsTable, name: string, from: (ip: string) => boolean): HostsTable {
  return table.flatMap((line): (HostLine | string)[] => {
    if (typeof line === 'string' || !line.names.includes(name) || !from(line.ip)) return [line]
    const names = line.names.filter((one) => one !== name)
    return names.length > 0 ? [{ ...line, names }] : []
  })
}

function addressesOf(table: HostsTable, name: string): string[] {
  return table.flatMap((line) => (typeof line !== 'string' && line.names.includes(name) ? [line.ip] : []))
}

const present = stateFunction({
  summary: 'Makes sure that a name stands for these addresses in /etc/hosts.',
  args: v.strictObject({
    name: needed(hostName, 'The name.'),
    ip: needed(address, 'Its address, or several of them.'),
    clean: defaulted(flag, false, 'Take the name from all other addresses. Without it, from none.'),
  }),
  examples: ['db1.example.org:\n  host.present:\n    - ip: 10.0.0.5\n    - clean: True\n'],
  async check({ name, ip, clean }, look) {
    const words = {
      already: `Host ${name} (${ip.join(', ')}) already present`,
      would: `Host ${name} (${ip.join(', ')}) would be changed`,
      done: `Added host ${name} (${ip.join(', ')})`,
    }
    return edit(look, words, (before) => {
      const now = addressesOf(before, name)
      const wrong = clean ? now.filter((one) => !ip.includes(one)) : []
      const missing = ip.filter((one) => !now.includes(one))
      let table = wrong.length === 0 ? before : withoutName(before, name, (one) => wrong.includes(one))
      for (const one of missing) table = withName(table, one, name)
      return { table, added: named(missing, name), removed: named(wrong, name) }
    })
  },
})

const named = (addresses: readonly string[], name: string): Record<string, string[]> =>
  Object.fromEntries(addresses.map((ip) => [ip, [name]]))

const absent = stateFunction({
  summary: 'Makes sure that a name does not stand for these addresses in /etc/hosts.',
  args: v.strictObject({
    name: needed(hostName, 'The name.'),
    ip: needed(address, 'The address, or several of them.'),
  }),
  examples: ['old-db.example.org:\n  host.absent:\n    - ip: 10.0.0.4\n'],
  async check({ name, ip }, look) {
    const words = {
      already: `Host ${name} (${ip.join(', ')}) already absent`,
      would: `Host ${name} (${ip.join(', ')}) would be removed`,
      done: `Removed host ${name} (${ip.join(', ')})`,
    }
    return edit(look, words, (before) => {
      const gone = addressesOf(before, name).filter((one) => ip.includes(one))
      return {
        table: withoutName(before, name, (one) => ip.includes(one)),
        added: {},
        removed: named(gone, name),
      }
    })
  },
})

const only = stateFunction({
  summary: 'Makes sure that an address has exactly these names in /etc/hosts, in this order.',
  args: v.strictObject({
    name: needed(address, 'The address.'),
    hostnames: needed(nameList, 'Its names; an empty list: none.'),
  }),
  examples: ['127.0.1.1:\n  host.only:\n    - hostnames: [web1.example.org, web1]\n'],
  async check({ name: [ip = ''], hostnames }, look) {
    const wanted = hostnames.flatMap((one) => one.trim().split(/\s+/)).filter((one) => one !== '')
    const words = {
      already: `IP address ${ip} already has only: ${wanted.join(' ')}`,
      would: `Would change ${ip} to only: ${wanted.join(' ')}`,
      done: `Changed ${ip} to only: ${wanted.join(' ')}`,
    }
    return edit(look, words, (before) => {
      const now = before.flatMap((line) => (typeof line !== 'string' && line.ip === ip ? line.names : []))
      if (now.join(' ') === wanted.join(' ')) return { table: before, added: {}, removed: {} }
      const at = before.findIndex((line) => typeof line !== 'string' && line.ip === ip)
      const others = before.filter((line) => typeof line === 'string' || line.ip !== ip)
      const line = wanted.length > 0 ? [{ ip, names: wanted, comment: '' }] : []
      const table = others.toSpliced(at < 0 ? others.length : at, 0, ...line)
      const added = wanted.filter((one) => !now.includes(one))
      const removed = now.filter((one) => !wanted.includes(one))
      // An order that changed is told as the names in it.
      const told = added.length + removed.length === 0 ? wanted : added
      return {
        table,
        added: told.length > 0 ? { [ip]: told } : {},
        removed: removed.length > 0 ? { [ip]: removed } : {},
      }
    })
  },
})

export const host = stateModule({
  summary: 'Names in /etc/hosts.',
  functions: { present, absent, only },
})
