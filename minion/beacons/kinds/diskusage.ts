/** Beacon `diskusage`: file systems that are fuller than a share. */
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { PyFloat, type Value } from '../../../shared/data/value.ts'
import { compileRegex, RegexSyntaxError } from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import type { BeaconKind, Sight, Surroundings, Watch } from '../contract.ts'

interface Limit {
  /** As it is configured: a path, or an expression over mount points. */
  readonly text: string
  readonly percent: number
  readonly matches: (mount: string) => boolean
}

/** Milliseconds: a network file system whose server is away does not answer at all. */
const patience = 10_000

/** Mount points out of /proc/mounts, where blanks and the like are octal. */
export function mountPoints(mounts: string): string[] {
  const found = mounts.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
  return [
    ...new Set(
      found.map((path) =>
        path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      ),
    ),
  ]
}

async function usedOf(path: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(path)
  const used = blocks - bfree
  return used + bavail === 0 ? 0 : Math.round((used / (used + bavail)) * 1000) / 10
}

export function diskWatch(limits: readonly Limit[], { log }: Pick<Surroundings, 'log'>, ask = usedOf): Watch {
  /** Those that have not answered yet. */
  const hanging = new Set<string>()

  async function used(mount: string): Promise<number | undefined> {
    if (hanging.has(mount)) return undefined
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        hanging.add(mount)
        log.warn({ mount }, 'a file system does not answer how full it is')
        resolve(undefined)
      }, patience).unref()
    })
    const answer = ask(mount)
      .catch(() => undefined)
      .finally(() => hanging.delete(mount))
    const share = await Promise.race([answer, late])
    clearTimeout(timer)
    return share
  }

  return {
    async look() {
      const mounts = mountPoints(readFileSync('/proc/self/mounts', 'utf8'))
      const sights: Sight[] = []
      for (const { text, percent, matches } of limits) {
        const meant = mounts.filter(matches)
        // A folder that is none stands for the file system that it is on.
        if (meant.length === 0 && text.startsWith('/') && existsSync(text)) meant.push(text)
        for (const mount of meant) {
          const share = await used(mount)
          if (share !== undefined && share >= percent) sights.push(sightOf(mount, share))
        }
      }
      return sights
    },
  }
}

const sightOf = (mount: string, share: number): Sight => ({
  data: new Map<string, Value>([
    ['diskusage', new PyFloat(share)],
    ['mount', mount],
  ]),
})

function matcherOf(text: string): (mount: string) => boolean {
  const regex = compileRegex(text.endsWith('$') ? text : `${text}$`)
  return (mount) => mount === text || regex.match(mount) !== undefined
}

export const diskusage: BeaconKind = {
  summary: 'File systems that are fuller than a share.',
  interval: 30,
  read(fields) {
    if (fields.names().length === 0)
      throw fields.mistake('no file system is named', undefined, 'As in: - /: 85%')
    const limits = fields.names().map((text): Limit => {
      const percent = fields.number(text, { most: 100, percent: true }) ?? 0
      if (!/^[/^.(]/.test(text))
        throw fields.mistake(`"${text}" is no mount point, nor an expression for some`, text)
      try {
        return { text, percent, matches: matcherOf(text) }
      } catch (error) {
        if (!(error instanceof RegexSyntaxError)) throw error
        throw fields.mistake(`"${text}" is no expression: ${error.message}`, text)
      }
    })
    return (around) => diskWatch(limits, around)
  },
}
