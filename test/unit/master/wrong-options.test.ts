/** What is wrong inside of an option is told at the start, with its line and column. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineServices } from '../../../master/engines/contract.ts'
import { reactorEngine } from '../../../master/reactor/engine.ts'
import { scheduleEngine } from '../../../master/schedule/engine.ts'
import { checkedNodegroups } from '../../../master/targeting/checked-nodegroups.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { masterOptions } from '../../../shared/config/master-options.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-options-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reads the option as a master does that starts. */
async function read(yaml: string): Promise<void> {
  const file = join(folder, 'master')
  writeFileSync(file, yaml)
  const options = loadOptions(masterOptions, file)
  checkedNodegroups(options)
  // Their options are read before anything else is.
  const services = { options, store: { consumers: { find: () => Promise.reject(new Error('was begun')) } } }
  await reactorEngine.start(services as unknown as EngineServices)
  await scheduleEngine.start(services as unknown as EngineServices)
}

const readSchedule = async (yaml: string): Promise<void> => {
  const file = join(folder, 'master')
  writeFileSync(file, yaml)
  await scheduleEngine.start({ options: loadOptions(masterOptions, file) } as EngineServices)
}

test.each<[string, string, string]>([
  ['reactor: [foo]', '1:11', 'Entry 1 of "reactor" is wrong: it is no glob with files'],
  ['reactor:\n  - a: /a.sls\n  - b: b.sls', '3:8', 'a file of "b" is a whole path or salt://…, not "b.sls"'],
  ['reactor:\n  - a: [/a.sls, b.sls]', '2:17', 'not "b.sls"'],
  ['reactor:\n  - a: []', '2:8', '"a" has no files'],
  ['reactor:\n  - a:\n      sls: /a.sls\n      fron: master', '4:7', 'did you mean "from"?'],
  ['reactor:\n  - a: {sls: /a.sls, from: mastr}', '2:28', '"from" is one of anyone, master, minions'],
  ['reactor: {a: /a.sls}', '1:10', 'a list is expected, not a mapping'],
  ['nodegroups:\n  a: N@b\n  b: N@a', '2:6', 'in a circle: a → b → a'],
  ['nodegroups:\n  a: N@b and x\n  b: "( web1"', '3:6', 'in the nodegroup "b", a ")" is missing'],
  ['nodegroups: {a: web*, b: N@c}', '1:26', 'there is no nodegroup "c"'],
  ['nodegroups: {"(+": 3}', '1:20', 'the nodegroup "(+" is neither an expression nor a list'],
  ['nodegroups: [a]', '1:13', 'a mapping is expected, not a list'],
  ['schedule: [a]', '1:11', 'a mapping is expected, not a list'],
  ['api: {port: 1}', '1:6', 'Option "api": "certificate" is missing'],
  ['api: {certificate: /c, key: /k, prot: 1}', '1:6', 'Option "api": there is no "prot" in it'],
])('%j: %s', async (yaml, place, words) => {
  await expect(read(yaml)).rejects.toMatchObject({
    message: expect.stringContaining(words),
    place: expect.objectContaining(spot(place)),
  })
})

test.each<[string, string, string]>([
  ['schedule:\n  a: {function: manage.upp, minutes: 1}', '2:7', 'did you mean "manage.up"?'],
  ['schedule:\n  a:\n    function: manage.up\n    minuts: 1', '4:5', 'did you mean "minutes"?'],
  ['schedule:\n  a: {function: manage.up, cron: 61 * * * *}', '2:28', 'Invalid value for minute: 61'],
  ['schedule:\n  a: 3', '2:3', 'a mapping is expected'],
  [
    "schedule:\n  a: {function: test.ping, hours: 1, tgt: '( web*', tgt_type: compound}",
    '2:38',
    'tgt: "( web*" is not a target: a ")" is missing (character 7)',
  ],
  [
    'nodegroups: {web: web*}\nschedule:\n  a: {function: test.ping, hours: 1, tgt: wbe, tgt_type: nodegroup}',
    '3:38',
    'there is no nodegroup "wbe"',
  ],
])('%j: %s', async (yaml, place, words) => {
  await expect(readSchedule(yaml)).rejects.toMatchObject({
    message: expect.stringContaining(words),
    place: expect.objectContaining(spot(place)),
  })
})

test('groups that name each other, in any order, are read', () => {
  const groups = checkedNodegroups({ nodegroups: { a: 'N@b and not N@c', b: 'web*', c: ['web1', 'web7'] } })
  expect([...groups.keys()]).toEqual(['a', 'b', 'c'])
})

function spot(place: string): object {
  const [line, column] = place.split(':').map(Number)
  return { line, column }
}
