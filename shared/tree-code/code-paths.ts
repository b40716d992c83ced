/**
 * Where code of the tree is: modules and states that people write in TypeScript or JavaScript. What runs is not the
 * file itself but what the master makes of it, under a folder of manifests that no tree can have.
 */

/** Of manifests: runnable code, plain JavaScript. Files that a tree has there are left out. */
export const codeFolder = '.tsalt/code'
export const ownFolder = '.tsalt/'
/** Of manifests: the paths of folders that hold nothing, a list in JSON; not there where none does. */
export const emptyFoldersPath = '.tsalt/empty-folders'

export type CodeKind = 'modules' | 'states'

const source = /^_(modules|states|utils)\/((?:[A-Za-z_][\w-]*\/)*)([A-Za-z_][\w.-]*)\.(ts|mts|js|mjs)$/

/** `_states/disk.ts` → `_states/disk.js`; undefined: it is no code (`.d.ts`, `.test.ts` neither). */
export function runnablePath(path: string): string | undefined {
  const [, kind, folder, name, ending] = source.exec(path) ?? []
  if (kind === undefined || name === undefined || ending === undefined) return undefined
  if (/\.(?:d|test|spec)$/.test(name)) return undefined
  return `_${kind}/${folder}${name}.js`
}

export const isTypeScript = (path: string): boolean => /\.m?ts$/.test(path)

/** `_states/disk.js` → states, disk. What lies deeper is for others to import. */
export function moduleOf(path: string): { readonly kind: CodeKind; readonly name: string } | undefined {
  const [, kind, name] = /^_(modules|states)\/([A-Za-z_]\w*)\.js$/.exec(path) ?? []
  return kind === undefined || name === undefined ? undefined : { kind: kind as CodeKind, name }
}
