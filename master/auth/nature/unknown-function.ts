/** A name that no function of tsalt has: most often one that is misspelt. */
import { nearest } from '../../../shared/data/nearest.ts'
import { functionsOf } from '../../../shared/several-functions.ts'
import { type Ground, plainNames } from './nature.ts'
import { dryRunFunctions } from './plain-functions.ts'
import { actsOfApi, rootOnMaster } from './plain-on-master.ts'
import { rootFunctions } from './root-functions.ts'

/** @param fun one or several, with commas. @returns a sentence for each that is not known */
export function unknownFunctions(ground: Ground, fun: string): readonly string[] {
  const known = knownOn(ground)
  return functionsOf(fun)
    .filter((name) => !known.has(name) && !isOfApi(ground, name))
    .map((name) => {
      const near = nearest(name, known)
      const meant = near === undefined ? '' : ` Did you mean "${near}"?`
      return ground === 'job'
        ? `tsalt has no function ${name}; it would have to be one of your own modules.${meant}`
        : `The master has no ${ground} function ${name}.${meant}`
    })
}

function knownOn(ground: Ground): ReadonlySet<string> {
  if (ground === 'job') return new Set([...plainNames('job'), ...dryRunFunctions, ...namesIn(rootFunctions)])
  return new Set([...plainNames(ground), ...namesIn(rootOnMaster[ground]), ...actsOfApi[ground]])
}

const namesIn = (table: Readonly<Record<string, string>>): string[] =>
  Object.entries(table).flatMap(([module, names]) => names.split(/\s+/).map((name) => `${module}.${name}`))

/** What the API asks by other names than wheel functions have. */
const isOfApi = (ground: Ground, name: string): boolean =>
  ground === 'wheel' && (name.startsWith('auth.') || name === 'key.make_token')
