/**
 * What templates of pillars may ask of the machine that compiles them. Everything here runs as the user of the master,
 * with words that a minion may have chosen (its grains), so each function works only where the configuration names it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { type PillarMachine, SourceTrouble } from '../pillar/machine.ts'
import type { HostFunctions, HostKeywords } from '../render/host.ts'
import { compileGlob } from '../targeting/glob.ts'

type Call = (words: Words, machine: PillarMachine) => Value | Promise<Value>

const seconds = 30

const run: Call = async (words, machine) => (await machine.run(words.text(0, 'cmd'), seconds)).trimEnd()

const calls: Readonly<Record<string, Call>> = {
  'cmd.run': run,
  'cmd.run_stdout': run,
  'cmd.shell': run,
  'environ.get': (words) => process.env[words.text(0, 'key')] ?? words.value(1, 'default') ?? '',
  'file.directory_exists': (words) => isKind(words.text(0, 'path'), 'isDirectory'),
  'file.file_exists': (words) => isKind(words.text(0, 'path'), 'isFile'),
  'file.read': (words) => readFileSync(words.text(0, 'path'), 'utf8'),
  'http.query': async (words, machine) => {
    const options = { seconds, headers: {}, caBundle: undefined }
    return new Map<string, Value>([['body', await machine.get(words.text(0, 'url'), options)]])
  },
}

/** Known from states, and refused here whatever is permitted. */
const elsewhere = new Set(['saltutil.runner', 'mine.get', 'pkg.version', 'service.status', 'cp.get_file_str'])

/** Functions that ask whoever renders, in the name of the minion whose pillar it is: always permitted. */
export type OwnCalls = Readonly<
  Record<string, (args: readonly Value[], keywords: HostKeywords) => Promise<Value>>
>

/** @param permitted names or patterns: the option `pillar_functions` */
export function masterFunctions(
  machine: PillarMachine,
  permitted: readonly string[],
  own: OwnCalls = {},
): HostFunctions {
  const permits = permitted.map((pattern) => compileGlob(pattern))
  return {
    has: (name) => Object.hasOwn(calls, name) || Object.hasOwn(own, name) || elsewhere.has(name),
    names: () => [...Object.keys(calls), ...Object.keys(own)],
    async call(name, args, keywords) {
      const ownCall = Object.hasOwn(own, name) ? own[name] : undefined
      if (ownCall !== undefined) return ownCall(args, keywords)
      const call = Object.hasOwn(calls, name) ? calls[name] : undefined
      if (call === undefined) throw new TsaltError('pillar-function-elsewhere', { function: name })
      if (!permits.some((permit) => permit(name)))
        throw new TsaltError('pillar-function-refused', { function: name })
      try {
        return await call(new Words(name, args, keywords), machine)
      } catch (error) {
        if (error instanceof TsaltError) throw error
        const reason =
          error instanceof SourceTrouble ? error.message : String((error as Error).message ?? error)
        throw new TsaltError('pillar-function-failed', { function: name, reason })
      }
    },
  }
}

function isKind(path: string, kind: 'isFile' | 'isDirectory'): boolean {
  return existsSync(path) && statSync(path)[kind]()
}

class Words {
  private readonly name: string
  private readonly args: readonly Value[]
  private readonly keywords: HostKeywords

  constructor(name: string, args: readonly Value[], keywords: HostKeywords) {
    this.name = name
    this.args = args
    this.keywords = keywords
  }

  value(index: number, keyword: string): Value | undefined {
    return this.args[index] ?? this.keywords.get(keyword)
  }

  text(index: number, keyword: string): string {
    const value = this.value(index, keyword)
    if (typeof value === 'string') return value
    throw new TsaltError('pillar-function-failed', {
      function: this.name,
      reason: `"${keyword}" is not a text`,
    })
  }
}
