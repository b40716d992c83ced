/** In which order environments count: base first, then as configured, then as the tree has them. */
import type { CompileSettings } from './compiled.ts'
import type { Tree } from './tree.ts'

export function orderEnvironments(
  tree: Tree,
  settings: Pick<CompileSettings, 'environmentOrder'>,
): readonly string[] {
  const configured = settings.environmentOrder.length > 0 ? settings.environmentOrder : ['base']
  const known = new Set(tree.environments)
  return [...new Set([...configured.filter((name) => known.has(name)), ...tree.environments])]
}
