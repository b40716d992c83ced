/** What a minion tells is on its disk until the master has it. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EventOutbox, type Outgoing } from '../../../../minion/services/event-outbox.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import { silentLogger } from '../../../../shared/log.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const refused = (code: string) =>
  new TsaltError('request-refused', { code, reason: 'as the test wants it' } as never)

function begin(
  answer: (event: Outgoing) => void = () => {},
  folder = join(mkdtempSync(join(tmpdir(), 'tsalt-outbox-')), 'events'),
) {
  folders.push(join(folder, '..'))
  const sent: Outgoing[] = []
  const link = { ready: true }
  const outbox = new EventOutbox(
    {
      folder,
      clock: systemClock,
      log: silentLogger(),
      redact: (data) => JSON.parse(JSON.stringify(data).replaceAll('hunter2', 'XXX')),
      isReady: () => link.ready,
      deliver: async (event) => {
        answer(event)
        sent.push(event)
      },
    },
    { events: 5, pause: 20 },
  )
  return { outbox, sent, link, folder }
}

const tags = (sent: readonly Outgoing[]) => sent.map(({ tag }) => tag)

describe('the outbox of events', () => {
  it('sends in order, without secrets, each with a key of its own, and keeps nothing', async () => {
    const { outbox, sent, folder } = begin()
    expect(existsSync(folder)).toBe(false)
    outbox.put('a/1', new Map([['password', 'hunter2']]))
    outbox.put('a/2', null)
    await vi.waitFor(() => expect(tags(sent)).toEqual(['a/1', 'a/2']))
    expect(sent[0]?.data).toEqual({ password: 'XXX' })
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2)
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]))
  })

  it('keeps what beacons see apart from what is told, with a tag that is not too long', async () => {
    const { outbox, sent } = begin()
    outbox.see('inotify', `/etc/${'x'.repeat(600)}`, new Map([['path', '/etc/hunter2']]))
    outbox.put('a/1', null)
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    expect(sent[0]).toMatchObject({ beacon: 'inotify', data: { path: '/etc/XXX' } })
    expect(sent[0]?.tag).toHaveLength(512)
    expect(sent[1]).not.toHaveProperty('beacon')
  })

  it('keeps them over a restart while there is no master, and then sends them with the same keys', async () => {
    const first = begin()
    first.link.ready = false
    for (const number of [1, 2, 3]) first.outbox.put(`a/${number}`, number)
    first.outbox.stop()
    writeFileSync(join(first.folder, '000000000000002.json'), '{"half')
    const second = begin(undefined, first.folder)
    expect(second.outbox.waiting).toBe(3)
    second.outbox.put('a/4', 4)
    await vi.waitFor(() => expect(tags(second.sent)).toEqual(['a/1', 'a/3', 'a/4']))
  })

  it('tells again what the master could not take, and drops what it never will', async () => {
    let left = 2
    const { outbox, sent } = begin(({ tag }) => {
      if (tag === 'bad') throw refused('event-too-large')
      if (left-- > 0) throw refused('event-flood')
    })
    outbox.put('bad', null)
    outbox.put('good', null)
    await vi.waitFor(() => expect(tags(sent)).toEqual(['good']))
    expect(left).toBe(-1)
    expect(outbox.waiting).toBe(0)
  })

  it('refuses tags that are none, data that is too large, and more than it has room for', () => {
    const { outbox, link } = begin()
    link.ready = false
    for (const tag of ['', '/a', 'a/', 'a//b', 'a b', 'a\nb', 'x'.repeat(513), 'a\u202eb'])
      expect(() => outbox.put(tag, null), JSON.stringify(tag)).toThrow('no tag')
    expect(() => outbox.put('big', 'x'.repeat(300_000))).toThrow('bytes')
    for (let number = 0; number < 5; number++) outbox.put('a', number)
    expect(() => outbox.put('a', 6)).toThrow('no room')
  })
})
