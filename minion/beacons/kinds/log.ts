/** Beacon `log`: lines of a growing file that match expressions, through its rotation. */
import { setImmediate } from 'node:timers/promises'
import type { Dict, Value } from '../../../shared/data/value.ts'
import {
  compileRegex,
  type PythonRegex,
  RegexLimitError,
  RegexSyntaxError,
} from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import type { BeaconKind, Sight, Watch } from '../contract.ts'
import type { Fields } from '../fields.ts'
import { FollowedFile } from './followed-file.ts'

interface Pattern {
  readonly tag: string
  readonly regex: PythonRegex
}

/** Lines that are matched in one go; others have their turn between. */
const inOneGo = 500

function patternsOf(fields: Fields): Pattern[] {
  const tags = fields.inner('tags')
  if (tags.names().length === 0)
    throw fields.mistake('"tags" is missing', undefined, "As in: tags: {disk/bad: {regex: '.*I/O error.*'}}")
  return tags.names().map((tag) => {
    const given = tags.inner(tag)
    given.only(['regex'])
    const pattern = given.text('regex')
    if (pattern === undefined) throw tags.mistake(`"${tag}" has no regex`, tag)
    try {
      return { tag, regex: compileRegex(pattern) }
    } catch (error) {
      if (!(error instanceof RegexSyntaxError)) throw error
      throw given.mistake(`"${pattern}" is no expression: ${error.message}`, 'regex')
    }
  })
}

/** As `re.match`: from the start of the line on. */
function sightsOf(line: string, patterns: readonly Pattern[]): Sight[] {
  return patterns.flatMap(({ tag, regex }): Sight[] => {
    try {
      return regex.match(line) ? [sight(tag, line, 'yes', '')] : []
    } catch (error) {
      if (!(error instanceof RegexLimitError)) throw error
      return [sight(tag, line, 'no', 'bad match')]
    }
  })
}

function sight(tag: string, raw: string, match: string, error: string): Sight {
  const data: Dict = new Map<string, Value>([
    ['match', match],
    ['raw', raw],
    ['error', error],
  ])
  return { tag, data }
}

export function logWatch(file: FollowedFile, patterns: readonly Pattern[]): Watch {
  return {
    async look() {
      const lines = file.newLines()
      const sights: Sight[] = []
      for (const [index, line] of lines.entries()) {
        if (index % inOneGo === inOneGo - 1) await setImmediate()
        sights.push(...sightsOf(line, patterns))
      }
      const skipped = file.skipped()
      if (skipped > 0) sights.push(sight('skipped', '', 'no', `${skipped} bytes came too fast to be read`))
      return sights
    },
    skip: () => file.toEnd(),
    close: () => file.close(),
  }
}

export const log: BeaconKind = {
  summary: 'Lines of a file that match expressions, through its rotation.',
  interval: 1,
  read(fields) {
    fields.only(['file', 'tags'])
    const path = fields.text('file')
    if (path === undefined)
      throw fields.mistake('"file" is missing', undefined, 'As in: file: /var/log/syslog')
    if (!path.startsWith('/')) throw fields.mistake('"file" has to be an absolute path', 'file')
    const patterns = patternsOf(fields)
    return () => logWatch(new FollowedFile(path), patterns)
  },
}
