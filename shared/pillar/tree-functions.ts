/** Functions of pillar templates that ask the tree of pillars itself, which is the master's to show. */
import type { Value } from '../data/value.ts'
import type { HostFunctions, HostKeywords, RenderHost } from '../render/host.ts'
import type { Tree } from '../sls/tree.ts'

const name = 'pillar.file_exists'

/** @returns what `host` can do, and `pillar.file_exists` */
export function withTreeFunctions(host: RenderHost | undefined, tree: Tree): RenderHost {
  const other = host?.functions
  const answer = (args: readonly Value[], keywords: HostKeywords): boolean => {
    const path = String(args[0] ?? keywords.get('path') ?? '').replace(/^\/+/, '')
    const environment = args[1] ?? keywords.get('saltenv') ?? null
    const where = environment === null ? tree.environments : [String(environment)]
    return where.some((one) => tree.has(one, path))
  }
  const functions: HostFunctions = {
    has: (fun) => fun === name || (other?.has(fun) ?? false),
    names: () => [name, ...(other?.names() ?? [])],
    now: (fun, args, keywords) => (fun === name ? answer(args, keywords) : other?.now?.(fun, args, keywords)),
    async call(fun, args, keywords, at) {
      if (fun === name) return answer(args, keywords)
      if (other === undefined) throw new Error(`${fun} is not there`)
      return other.call(fun, args, keywords, at)
    },
  }
  return { ...host, functions }
}
