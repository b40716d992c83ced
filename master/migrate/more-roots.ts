/** Further roots of states, found by what the files ask for: a tree whose parts lie in several folders. */
import { existsSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { LocalTree } from './local-tree.ts'

/** `import "a/b.jinja"`, `salt://a/b` */
const asked = [
  /\{%-?\s*(?:from|import|include|import_yaml|import_json|import_text)\s+['"]([^'"{}]+)['"]/g,
  /salt:\/\/([\w./-]+\/[\w./-]+\.\w+)/g,
]

/**
 * @param folders that were named
 * @param roots that are known
 * @returns roots in which at least two files lie that are asked for and in none of the known ones
 */
export async function moreRoots(folders: readonly string[], roots: readonly string[]): Promise<string[]> {
  const known = new LocalTree({ base: roots })
  const wanted = new Set<string>()
  for (const path of known.list('base')) {
    if (!/\.(?:sls|jinja2?|j2)$/.test(path)) continue
    const text = (await known.read('base', path))?.text ?? ''
    for (const pattern of asked)
      for (const [, name = ''] of text.matchAll(pattern))
        if (!name.startsWith('.') && name.includes('/') && !known.has('base', name)) wanted.add(name)
  }
  const votes = new Map<string, number>()
  for (const folder of folders)
    for (const path of new LocalTree({ base: [folder] }).list('base'))
      for (const name of wanted) if (`/${path}`.endsWith(`/${name}`)) vote(votes, rootOf(folder, path, name))
  return [...votes]
    .filter(
      ([root, count]) => count > 1 && !roots.some((one) => one === root || root.startsWith(`${one}${sep}`)),
    )
    .map(([root]) => root)
    .filter((root) => existsSync(root))
}

function rootOf(folder: string, path: string, name: string): string {
  const above = path.slice(0, path.length - name.length)
  return above === '' ? folder : dirname(join(folder, above, 'x'))
}

function vote(votes: Map<string, number>, root: string): void {
  votes.set(root, (votes.get(root) ?? 0) + 1)
}
