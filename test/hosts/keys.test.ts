/** Keys on real hosts: three that ask to join, rejected, accepted and deleted by the lot. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const names = ['one', 'two', 'three']

describe('tsalt-key', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', ...names])
    site = await Site.install(fleet, { states: { 'top.sls': '{}\n' }, pillars: {} })
    const pinned = /(?:[0-9a-f]{4}:){15}[0-9a-f]{4}/.exec(await site.must('tsalt-key', ['-F', 'master']))?.[0]
    for (const name of names) {
      const host = site.configureMinion({ host: name, id: name }, `master_finger: '${pinned}'`)
      await host.sh('systemctl daemon-reload; systemctl enable --now --no-block tsalt-minion')
    }
    await listed({ minions_pre: names })
  })
  afterAll(() => fleet?.halt())

  const all = async (): Promise<Record<string, string[]>> =>
    JSON.parse(await site.must('tsalt-key', ['-L', '--out', 'json']))

  /** Waits until the lists are so; a list that is not named is empty. */
  async function listed(wanted: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await until(`the keys ${JSON.stringify(wanted)}`, async () => {
      const lists = await all()
      const same = Object.entries(lists).every(
        ([list, ids]) => JSON.stringify([...ids].sort()) === JSON.stringify([...(wanted[list] ?? [])].sort()),
      )
      return same || undefined
    })
  }

  /** Questions are asked on a terminal only. */
  const answering = (answer: string, options: string): Promise<string> =>
    site.master.sh(
      `(sleep 1; printf '${answer}\\r'; sleep 1) | script -qec 'tsalt-key ${options}' /dev/null || true`,
    )

  test('-A asks, and a no leaves everything as it is', async () => {
    expect(await answering('n', '-A')).toMatch(/one[\s\S]*three[\s\S]*two/)
    await listed({ minions_pre: names })
  })

  test('-r rejects one: it does not come in', async () => {
    await site.must('tsalt-key', ['-r', 'three', '-y'])
    await listed({ minions_pre: ['one', 'two'], minions_rejected: ['three'] })
  })

  test('-A accepts all that wait, and not the rejected one', async () => {
    await answering('y', '-A')
    await listed({ minions: ['one', 'two'], minions_rejected: ['three'] })
    await site.answers('one')
    await site.answers('two')
    expect((await site.tsalt(['three', 'test.ping'])).code).not.toBe(0)
  })

  test('a rejected key is accepted when it is asked for', async () => {
    await answering('y', '-a three --include-rejected')
    await listed({ minions: names })
    await fleet.host('three').sh('systemctl restart --no-block tsalt-minion')
    await site.answers('three')
  })

  test('-D deletes all: connections end, and the minions may ask anew', async () => {
    await site.must('tsalt-key', ['-D', '-y'])
    await until('nobody to be connected', async () => {
      const up = await site.master.exec(['tsalt-run', 'manage.up'])
      return names.some((name) => up.stdout.includes(name)) ? undefined : true
    })
    for (const name of names) await fleet.host(name).sh('systemctl restart --no-block tsalt-minion')
    await listed({ minions_pre: names })
  })

  test('-R rejects all that wait', async () => {
    await site.must('tsalt-key', ['-R', '-y'])
    await listed({ minions_rejected: names })
  })
})
