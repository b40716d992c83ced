/** `stateful` commands: the last line of their output says whether they changed something. */
import type { Plain } from '../../../shared/data/value.ts'
import type { Applied } from '../contract.ts'

/**
 * The last line is `changed=yes comment="text" key=value`, or a JSON object of the same.
 * @returns a failure where there is no such line
 */
export function readStatefulReport(
  command: string,
  ok: boolean,
  stdout: string,
  changes: Readonly<Record<string, Plain>>,
): Applied {
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  const report = parseJson(line) ?? parseWords(line)
  if (!report)
    return { ok: false, changes, comment: `Command "${command}" printed no line that says what changed` }
  const { changed, comment, ...more } = report
  const text = comment === undefined ? `Command "${command}" run` : String(comment)
  const isChanged = changed === true || ['yes', 'true', '1'].includes(String(changed).toLowerCase())
  return { ok, changes: isChanged ? { ...changes, ...more } : {}, comment: text }
}

function parseJson(line: string): Record<string, Plain> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const read: unknown = JSON.parse(line)
    return typeof read === 'object' && read !== null && 'changed' in read
      ? (read as Record<string, Plain>)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function parseWords(line: string): Record<string, Plain> | undefined {
  const words: Record<string, Plain> = {}
  for (const match of line.matchAll(/(\w+)=(?:"([^"]*)"|'([^']*)'|(\S+))/g))
    words[match[1] ?? ''] = match[2] ?? match[3] ?? match[4] ?? ''
  return 'changed' in words ? words : undefined
}
