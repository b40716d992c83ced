/** Configurations of beacons: both forms, and what is said of mistakes. */
import { expect, it, test } from 'vitest'
import { readBeacon } from '../../../../minion/beacons/entry.ts'
import { isDict } from '../../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'

const noProgram = () => undefined
async function reading(text: string): Promise<string> {
  const beacons = loadYaml(text, '/etc/tsalt/minion')
  if (!isDict(beacons)) throw new Error('no mapping')
  const [[name, value] = ['', null]] = beacons
  return readBeacon(String(name), value, noProgram).then(
    ({ kind, interval, enabled }) => `${kind} ${interval} ${enabled}`,
    (error) => describeError(error),
  )
}

test.each([
  ['load: {averages: {1m: [0.0, 2.0]}}', 'load 5000 true'],
  ['load: [averages: {1m: [0.0, 2.0]}, interval: 0.5]', 'load 500 true'],
  ['load: {1m: [0, 2], onchangeonly: True}', 'load 5000 true'],
  ['busy: [beacon_module: load, averages: {1m: [0, 2]}, enabled: no]', 'load 5000 false'],
  ['memusage: [percent: 63%]', 'memusage 5000 true'],
  ['memusage: {percent: 63.5}', 'memusage 5000 true'],
  ['diskusage: [/: 63%, /mnt/nfs: 50, interval: 120]', 'diskusage 120000 true'],
  ['ps: [processes: {salt-master: running, mysql: stopped}]', 'ps 5000 true'],
  ['service: [services: {nginx: {onchangeonly: True, delay: 30}, cron: }]', 'service 5000 true'],
  ['log: [file: /var/log/syslog, tags: {goodbye/world: {regex: .*good-bye.*}}]', 'log 1000 true'],
  [
    'inotify: [files: {/etc: {mask: [create, IN_MODIFY, close_write], recurse: True, auto_add: True, exclude: [/etc/a, "*.swp", {"x[a-m]*$": {regex: True}}]}}, coalesce: True]',
    'inotify 1000 true',
  ],
  ['inotify: {files: {/etc/hosts: {}}}', 'inotify 1000 true'],
])('%s', async (text, expected) => {
  expect(await reading(text)).toBe(expected)
})

test.each([
  ['laod: {averages: {1m: [0, 2]}}', 'Did you mean "load"?'],
  ['busy: [beacon_module: laod]', 'minion:1:8'],
  ['sh: []', 'There are diskusage, inotify'],
  ['"a b": {beacon_module: load}', 'no blanks'],
  ['load: 7', 'a mapping, or a list of mappings, is expected'],
  ['load: {}', '"averages" with limits'],
  ['load: [averages: {1m: [0, 2]}, averages: {1m: [0, 2]}]', 'stands there twice'],
  ['load: {averages: {1m: [0, 2]}, onchangeonyl: True}', 'Did you mean "onchangeonly"?'],
  ['load: {averages: {2m: [0, 2]}}', 'averages: there is no "2m"'],
  ['load: {averages: {1m: 2}}', 'a list of two numbers'],
  ['load: {averages: {1m: [2, 1]}}', 'the lower limit 2 is above the upper, 1'],
  ['load: {averages: {1m: [0, two]}}', 'has to be a number'],
  ['load: {averages: {1m: [0, 2]}, interval: 0}', '"interval" has to be a number, from 0.1'],
  ['load: {averages: {1m: [0, 2]}, enabled: perhaps}', '"enabled" has to be True or False'],
  ['memusage: {}', '"percent" is missing'],
  ['memusage: {percent: 120%}', 'a share in percent'],
  ['diskusage: []', 'no file system is named'],
  ['diskusage: [/: lots]', 'a share in percent'],
  ['diskusage: [var: 90%]', 'no mount point'],
  ['diskusage: ["/(": 90%]', 'is no expression'],
  ['ps: [processes: {mysql: dead}]', 'has to be running or stopped'],
  ['service: {nginx: {}}', 'there is no "nginx"'],
  ['service: {services: {nginx: {onchangeonyl: True}}}', 'Did you mean "onchangeonly"?'],
  ['log: {tags: {a: {regex: b}}}', '"file" is missing'],
  ['log: {file: syslog, tags: {a: {regex: b}}}', 'an absolute path'],
  ['log: {file: /var/log/syslog, tags: {a: {}}}', 'has no regex'],
  ["log: {file: /var/log/syslog, tags: {a: {regex: '('}}}", 'is no expression'],
  ['inotify: {files: {etc: {}}}', 'an absolute path'],
  ['inotify: {files: {/etc: {mask: [open]}}}', '"open" cannot be seen'],
  ['inotify: {files: {/etc: {mask: [opne]}}}', 'There are: create, delete'],
  ["inotify: {files: {/etc: {exclude: [{'(': {regex: True}}]}}}", 'is no expression'],
  ['inotify: {}', '"files" is missing'],
])('%s is wrong', async (text, expected) => {
  const said = await reading(text)
  expect(said).toContain(expected)
  expect(said).toContain('[beacon-invalid]')
})

it('names the place', async () => {
  const beacons = loadYaml('beacons:\n  load:\n    - averages:\n        1m: [0, two]\n', '/etc/tsalt/minion')
  const load = isDict(beacons) ? beacons.get('beacons') : null
  const error: unknown = await readBeacon(
    'load',
    isDict(load) ? (load.get('load') ?? null) : null,
    noProgram,
  ).catch((caught: unknown) => caught)
  expect(isTsaltError(error) && error.place).toMatchObject({ file: '/etc/tsalt/minion', line: 4, column: 9 })
})
