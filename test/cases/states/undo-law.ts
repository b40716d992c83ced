/** The law of undoing: what a state did to a machine is taken back by the undo of its job, as the dry run of it tells. */
import { expect } from 'vitest'
import { previewUndo } from '../../../minion/system/undo-preview.ts'
import { restore } from '../../../minion/system/undo-restore.ts'
import type { FakeMachine } from '../../fake-machine/fake-machine.ts'
import type { StateCase } from './case.ts'

const command = 'what a command of the user does is not known'

/** Functions that do what nothing takes back, or single cases of them, with the reason. */
export const notUndone: Readonly<Record<string, string>> = {
  'cmd.run': command,
  'cmd.script': command,
  'cmd.wait': command,
  'cmd.wait_script': command,
  'cmd.watch': command,
  'docker_container.absent': 'what a container wrote is gone with it',
  'docker_container/running-basics: replaces one with other variables, without telling them':
    'the container that was replaced is gone',
  'docker_container/running-basics: the new one does not start, so the old one comes back':
    'the container that was replaced was back before',
  'docker_volume.absent': 'what a volume held is gone with it',
  'blockdev/formatted-basics: formats by force': 'what was on the device is lost',
  'http.query': 'what a request did at the server is not known',
  'mysql_database.absent': 'a database that is dropped is nowhere kept',
  'mysql_query.run': 'what a query of the user did is not known',
  'mysql_query.run_file': 'what a query of the user did is not known',
  'lvm.lv_absent': 'what a volume held is gone with it',
  'lvm/lv_present-basics: grows': 'a file system that grew is not made smaller by itself',
  'module.run': 'what a function of the user does is not known',
  'module.wait': 'what a function of the user does is not known',
  'git/latest-basics: goes back by force': 'what was not committed is discarded',
  'postgres_cluster.absent': 'databases that are dropped are nowhere kept',
  'postgres_database.absent': 'a database that is dropped is nowhere kept',
  'postgres_initdb.present': 'a server may have begun to use the directory',
  'postgres_schema/absent: drops it with all that is in it': 'what was in it is nowhere kept',
  'pkg.purged': 'configuration that is purged is nowhere kept',
}

/** Those of them of which a case showed that they are there for a reason. */
export const seenNotUndone = new Set<string>()

/**
 * Commands that take a command back need not be in the case: what they do is unknown to the fake machine anyway. Which
 * they are is held by `expect.undo`.
 * @param before a snapshot from before the real run
 * @param worked the change was made; else a command may have failed, and what it did until then is named
 */
export async function undoes(
  one: StateCase,
  machine: FakeMachine,
  before: object,
  worked: boolean,
): Promise<void> {
  const plan = machine.journal.plan()
  const { left, ran, foreseen } = await machine.whileUndoing(async (act) => {
    const steps = await previewUndo(plan, act.look, new Map(), { purge: true })
    return { ...(await restore(plan, act, { purge: true })), foreseen: steps }
  })
  if (one.expect.undo !== undefined) expect(ran).toEqual(one.expect.undo)
  const stays = left.map(({ what }) => what)
  if (worked) {
    const told = foreseen.filter(({ kind }) => kind === 'left').map(({ what }) => what)
    expect(told.sort(), 'the dry run of the undo tells what is left').toEqual([...new Set(stays)].sort())
  }
  const listed = [one.title, `${one.module}.${one.fun}`].find((name) => Object.hasOwn(notUndone, name))
  if (listed !== undefined) {
    if (left.length > 0) seenNotUndone.add(listed)
    return
  }
  const named = worked ? left : left.filter(({ what }) => !/^(?:command: |request: |service )/.test(what))
  expect(named, 'the undo leaves nothing').toEqual([])
  if (left.length === 0) expect(whatCounts(machine.snapshot()), 'the undo restores').toEqual(whatCounts(before))
}

type Row = Readonly<Record<string, unknown>>

/**
 * As plain data has it, a unit without a file is there as long as somebody named it, and a user may lack a password.
 * Backups are kept beyond an undo, as they are on purpose.
 */
function whatCounts(snapshot: object): object {
  const { services, users, files, ...rest } = JSON.parse(JSON.stringify(snapshot)) as Record<string, Record<string, Row>>
  const kept = Object.entries(services ?? {}).map(([name, { running, enabled, masked }]): [string, object] => [
    name,
    { running: running === true, enabled: enabled === true, masked: masked === true },
  ])
  return {
    ...rest,
    files: Object.fromEntries(Object.entries(files ?? {}).filter(([path]) => !/^\/var(?:\/cache(?:\/.*)?)?$/.test(path))),
    services: Object.fromEntries(kept.filter(([, state]) => Object.values(state).includes(true))),
    users: Object.fromEntries(
      Object.entries(users ?? {}).map(([name, user]) => [name, { passwordHash: '!', ...user }]),
    ),
  }
}
