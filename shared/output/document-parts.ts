/** One document of all hosts, written host by host, so that it is never in the memory as a whole. */
import { formatHost, formatHosts, type HostReturn, type OutputSettings } from './format.ts'
import { compareTexts } from './python-text.ts'

/** How the documents of single hosts become one: what opens and closes it, and stands between two hosts. */
interface Joint {
  readonly open: string
  readonly between: string
  readonly close: string
}

const none: Joint = { open: '', between: '', close: '' }

/**
 * In this order the hosts of one document stand, by id: some formats sort the keys of a mapping. undefined: as they
 * returned.
 */
export function documentOrder({ out }: OutputSettings): ((a: string, b: string) => number) | undefined {
  return out === 'yaml' || out === 'table' ? compareTexts : undefined
}

/**
 * The texts that one after the other are what `formatHosts` makes of all hosts.
 *
 * @param hosts in the order of `documentOrder`, no id twice. `pprint`, whose layout depends on all of them, takes them
 *   together.
 */
export function* documentParts(
  hosts: Iterable<HostReturn>,
  settings: OutputSettings,
): Generator<string, void, undefined> {
  if (settings.out === 'pprint') {
    yield formatHosts([...hosts], settings)
    return
  }
  const { open, between, close } = jointOf(settings)
  let isFirst = true
  for (const host of hosts) {
    const text = formatHost(host, settings)
    yield (isFirst ? open : between) + text.slice(open.length, text.length - close.length)
    isFirst = false
  }
  yield isFirst ? formatHosts([], settings) : close
}

function jointOf({ out, indent = 4 }: OutputSettings): Joint {
  if (out === 'raw') return { open: '{', between: ', ', close: '}\n' }
  if (out !== 'json') return none
  return indent < 0
    ? { open: '{', between: ', ', close: '}\n' }
    : { open: '{\n', between: ',\n', close: '\n}\n' }
}
