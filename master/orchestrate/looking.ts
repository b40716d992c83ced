/** Runners that change nothing: dry runs and templates may call them, as far as the actor may. */
import { plainFunction } from '../auth/nature/nature.ts'

/** They look as well; to show what is secret makes them root by their nature. */
const secretsToo: ReadonlySet<string> = new Set([
  'cache.pillar',
  'config.get',
  'pillar.lint',
  'pillar.show_pillar',
  'pillar.why',
])

export const onlyLooks = (runner: string): boolean =>
  secretsToo.has(runner) || plainFunction('runner', runner)?.kind === 'look'
