/** firewalld.*: zones and services of firewalld, permanent and then loaded. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { flag, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, inSync, type StateRun, stateFunction, stateModule } from '../contract.ts'
import { runSteps, type Step } from '../steps.ts'
import { ask, permanent, switched, withReload, wordsOf } from './program.ts'
import { forwardOf, type ListName, listChange, parseZone } from './zone.ts'

const word = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9][\w.-]{0,63}$/.test(read)
      ? read
      : new Mismatch(`a name such as public is expected, not ${describeValue(value)}`)
  },
})

const lists = {
  interfaces: optional(textList, 'Interfaces of the zone.'),
  prune_interfaces: defaulted(flag, false, 'Remove others.'),
  sources: optional(textList, 'Addresses and networks of the zone.'),
  prune_sources: defaulted(flag, false, 'Remove others.'),
}
const zoneArgs = v.strictObject({
  name: needed(word, 'The zone: `public`.'),
  block_icmp: optional(textList, 'Kinds of ICMP that are blocked.'),
  prune_block_icmp: defaulted(flag, false, 'Remove others.'),
  default: optional(flag, 'True: the zone of interfaces that have no other.'),
  masquerade: defaulted(flag, false, 'Whether what leaves has the address of this machine.'),
  ports: optional(textList, 'Open ports: `22/tcp`.'),
  prune_ports: defaulted(flag, false, 'Remove others.'),
  port_fwd: optional(textList, 'Ports that go elsewhere: `22:2222:tcp`, `80:443:tcp:192.168.0.1`.'),
  prune_port_fwd: defaulted(flag, false, 'Remove others.'),
  services: optional(textList, 'Open services by name.'),
  prune_services: defaulted(flag, false, 'Remove others.'),
  rich_rules: optional(textList, "Rules in firewalld's language."),
  prune_rich_rules: defaulted(flag, false, 'Remove others.'),
  ...lists,
})
type ZoneArguments = v.InferOutput<typeof zoneArgs>

interface Wish {
  readonly name: ListName
  readonly wanted: readonly string[] | undefined
  readonly prune: boolean
}

function wishesOf(wanted: ZoneArguments): Wish[] {
  return [
    { name: 'icmp_types', wanted: wanted.block_icmp, prune: wanted.prune_block_icmp },
    { name: 'ports', wanted: wanted.ports, prune: wanted.prune_ports },
    {
      name: 'port_fwd',
      wanted: wanted.port_fwd?.map((one) => forwardOf(one) ?? one),
      prune: wanted.prune_port_fwd,
    },
    { name: 'services', wanted: wanted.services, prune: wanted.prune_services },
    { name: 'interfaces', wanted: wanted.interfaces, prune: wanted.prune_interfaces },
    { name: 'sources', wanted: wanted.sources, prune: wanted.prune_sources },
    { name: 'rich_rules', wanted: wanted.rich_rules, prune: wanted.prune_rich_rules },
  ]
}

/** @param masquerade undefined: it stays as it is */
async function checkZone(
  {
    zone,
    wishes,
    masquerade,
    asDefault,
  }: {
    zone: string
    wishes: readonly Wish[]
    masquerade: boolean | undefined
    asDefault: boolean
  },
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const zones = await ask(permanent('--get-zones'), look, run)
  if (typeof zones !== 'string') return zones
  const isThere = wordsOf(zones).includes(zone)
  // An earlier state of the same dry run makes it.
  const isToCome = run.test && run.predicted.some(({ state, name }) => state === 'firewalld' && name === zone)
  const printed = isThere ? await ask(permanent(`--zone=${zone}`, '--list-all'), look, run) : ''
  if (typeof printed !== 'string') return printed
  const now = parseZone(printed)
  const changes: Record<string, Plain> = {}
  const steps: Step[] = []
  if (!isThere && !isToCome) {
    changes[zone] = { old: wordsOf(zones), new: zone }
    steps.push({
      argv: permanent(`--new-zone=${zone}`),
      undo: [{ argv: permanent(`--delete-zone=${zone}`) }],
    })
  }
  for (const { name, wanted, prune } of wishes) {
    const change = listChange(name, now.lists.get(name) ?? [], wanted ?? [], prune, zone)
    if (!change) continue
    changes[name] = { old: [...change.old], new: [...change.new] }
    steps.push(...change.steps)
  }
  if (masquerade !== undefined && masquerade !== now.masquerade) {
    const done = `Masquerading successfully ${masquerade ? 'set' : 'disabled'}.`
    changes['masquerade'] = { old: '', new: done }
    steps.push(switched(masquerade ? 'add' : 'remove', 'masquerade', '', `--zone=${zone}`))
  }
  const standard = asDefault ? await ask(['firewall-cmd', '--get-default-zone'], look, run) : zone
  if (typeof standard !== 'string') return standard
  const later = standard.trim() === zone ? [] : [defaultStep(zone, standard.trim())]
  if (later.length > 0) changes['default'] = { old: standard.trim(), new: zone }
  return decide(zone, changes, steps, later)
}

/** A zone that is new is known only after the reload. */
const defaultStep = (zone: string, before: string): Step => ({
  argv: ['firewall-cmd', `--set-default-zone=${zone}`],
  undo: [{ argv: ['firewall-cmd', `--set-default-zone=${before}`] }],
})

function decide(
  name: string,
  changes: Record<string, Plain>,
  steps: readonly Step[],
  later: readonly Step[],
): Decision {
  if (Object.keys(changes).length === 0) return inSync(`'${name}' is already in its desired state.`)
  const comments = { would: `Configuration for '${name}' will change.`, done: `'${name}' was configured.` }
  return drift(changes, comments, (act) =>
    runSteps([...(steps.length > 0 ? withReload(steps) : []), ...later], act, `'${name}' was not configured`),
  )
}

const present = stateFunction({
  summary: 'Makes sure that a zone exists and has ports, services, interfaces and the rest.',
  args: zoneArgs,
  examples: [
    'public:\n  firewalld.present:\n    - ports:\n      - 22/tcp\n      - 25/tcp\n    - services:\n      - http\n    - masquerade: True\n',
  ],
  refuse: ({ port_fwd }) => {
    const wrong = port_fwd?.find((one) => forwardOf(one) === undefined)
    return wrong === undefined
      ? undefined
      : { argument: 'port_fwd', reason: `"${wrong}" is not one such as 22:2222:tcp` }
  },
  check: (wanted, look, run) =>
    checkZone(
      {
        zone: wanted.name,
        wishes: wishesOf(wanted),
        masquerade: wanted.masquerade,
        asDefault: wanted.default === true,
      },
      look,
      run,
    ),
})

const bind = stateFunction({
  summary: 'Makes sure that interfaces and sources belong to a zone.',
  args: v.strictObject({ name: needed(word, 'The zone.'), ...lists }),
  examples: ['internal:\n  firewalld.bind:\n    - interfaces:\n      - eth1\n'],
  check: (wanted, look, run) =>
    checkZone(
      {
        zone: wanted.name,
        wishes: [
          { name: 'interfaces', wanted: wanted.interfaces, prune: wanted.prune_interfaces },
          { name: 'sources', wanted: wanted.sources, prune: wanted.prune_sources },
        ],
        masquerade: undefined,
        asDefault: false,
      },
      look,
      run,
    ),
})

const service = stateFunction({
  summary: 'Makes sure that a service exists and has just these ports and protocols.',
  args: v.strictObject({
    name: needed(word, 'The service.'),
    ports: optional(textList, 'Its ports: `4505/tcp`.'),
    protocols: optional(textList, 'Its protocols: `ah`.'),
  }),
  examples: ['master:\n  firewalld.service:\n    - ports:\n      - 4505/tcp\n      - 4506/tcp\n'],
  async check({ name, ports = [], protocols = [] }, look, run) {
    const known = await ask(permanent('--get-services'), look, run)
    if (typeof known !== 'string') return known
    const isThere = wordsOf(known).includes(name)
    const place = `--service=${name}`
    const changes: Record<string, Plain> = {}
    const steps: Step[] = isThere
      ? []
      : [
          {
            argv: permanent(`--new-service=${name}`),
            undo: [{ argv: permanent(`--delete-service=${name}`) }],
          },
        ]
    for (const [key, option, wanted] of [
      ['ports', 'port', ports],
      ['protocols', 'protocol', protocols],
    ] as const) {
      const printed = isThere ? await ask(permanent(place, `--get-${key}`), look, run) : ''
      if (typeof printed !== 'string') return printed
      const now = wordsOf(printed)
      const added = wanted.filter((one) => !now.includes(one))
      const removed = now.filter((one) => !wanted.includes(one))
      if (added.length + removed.length === 0) continue
      changes[key] = { old: now, new: wanted }
      steps.push(...added.map((one) => switched('add', option, one, place)))
      steps.push(...removed.map((one) => switched('remove', option, one, place)))
    }
    if (!isThere) changes[name] = { old: null, new: name }
    return decide(name, changes, steps, [])
  },
})

export const firewalld = stateModule({
  summary: 'Zones and services of firewalld, kept and loaded.',
  functions: { present, bind, service },
})
