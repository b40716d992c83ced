/** Options of a running master: all or nothing, each follower asked before any takes, one reload after the other. */
import fc from 'fast-check'
import pino from 'pino'
import { expect, it } from 'vitest'
import type { AuditEntry } from '../../../../master/audit/audit-log.ts'
import { makeReload } from '../../../../master/settings/reload.ts'
import { type OptionName, Settings } from '../../../../master/settings/settings.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { type MasterOptions, masterOptions } from '../../../../shared/config/master-options.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'

const standard = loadOptions(masterOptions, undefined)
const withOptions = (changes: Partial<MasterOptions>): MasterOptions => ({ ...standard, ...changes })

const change = fc.record(
  {
    timeout: fc.integer({ min: 1, max: 5 }),
    job_expiry: fc.integer({ min: 1, max: 5 }),
    port: fc.integer({ min: 1, max: 5 }),
    nodegroups: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x*', 'y*'), {
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [] },
)
const step = fc.record({ change, refusedBy: fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 3 }) })

it('reads as the last change that nobody refused, and what needs a restart as at the start', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const settings = new Settings(standard)
      let refusing: number | undefined
      const taken: MasterOptions[] = Array(3).fill(standard)
      for (const index of [0, 1, 2])
        settings.follow((next) => {
          // Nothing holds before all have been asked.
          expect(settings.options.timeout).toBe(taken[index]?.timeout)
          if (refusing === index) throw new TsaltError('config-syntax', { reason: 'no' })
          return () => {
            taken[index] = next
          }
        })
      let model = standard
      for (const { change: changes, refusedBy } of steps) {
        refusing = refusedBy
        const wanted = withOptions(changes)
        if (refusedBy === undefined) {
          const { taken: names, atRestart, take } = settings.prepare(wanted)
          await take()
          const differs = (name: OptionName): boolean =>
            JSON.stringify(wanted[name]) !== JSON.stringify(model[name])
          expect([...names].sort()).toEqual(
            (['timeout', 'job_expiry', 'nodegroups'] as const).filter(differs).sort(),
          )
          expect(atRestart).toEqual((['port'] as const).filter(differs))
          model = { ...wanted, port: standard.port }
        } else expect(() => settings.prepare(wanted)).toThrow(TsaltError)
        expect({ ...settings.options }).toEqual(model)
        for (const one of taken) expect(one).toEqual(model)
      }
    }),
  )
})

it('lets the others take what one of them could not, and tells it', async () => {
  const settings = new Settings(standard)
  let taken = 0
  settings.follow(() => () => Promise.reject(new Error('the disk is full')))
  settings.follow((next) => () => {
    taken = next.timeout
  })
  await expect(settings.prepare(withOptions({ timeout: 7 })).take()).rejects.toThrow('the disk is full')
  expect([taken, settings.options.timeout]).toEqual([7, 7])
})

it('marks nothing that decides where the master listens or keeps what it has', () => {
  const marked = Object.entries(masterOptions).flatMap(([name, option]) => ('reload' in option ? [name] : []))
  for (const name of [
    'interface',
    'port',
    'api',
    'store',
    'pki_dir',
    'audit_log',
    'socket',
    'root_dir',
    'file_roots',
  ])
    expect(marked).not.toContain(name)
  expect(marked).toEqual(
    expect.arrayContaining(['access', 'external_auth', 'nodegroups', 'reactor', 'schedule']),
  )
})

it('is read again by one after the other, and each is in the audit log', async () => {
  const written: AuditEntry[] = []
  const settings = new Settings(standard)
  let timeout = 100
  let underWay = 0
  settings.follow(() => async () => {
    underWay += 1
    expect(underWay).toBe(1)
    await new Promise((done) => setTimeout(done, 5))
    underWay -= 1
  })
  const reload = makeReload({
    settings,
    reread() {
      timeout += 1
      if (timeout === 102) throw new TsaltError('config-syntax', { reason: 'no' })
      return withOptions({ timeout })
    },
    audit: { record: (entry) => void written.push(entry), refusals: () => [], close: () => undefined },
    logger: pino({ level: 'silent' }),
  })
  const asked = await Promise.allSettled([1, 2, 3].map((number) => reload.now(`operator:${number}`)))
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(settings.options.timeout).toBe(103)
  expect(written).toEqual([
    { actor: 'operator:1', kind: 'config.reload', verdict: 'allowed', reason: 'timeout' },
    { actor: 'operator:2', kind: 'config.reload', verdict: 'refused', reason: 'config-syntax' },
    { actor: 'operator:3', kind: 'config.reload', verdict: 'allowed', reason: 'timeout' },
  ])
  expect(reload.rehearse()).toEqual({ taken: ['timeout'], atRestart: [] })
  expect(settings.options.timeout).toBe(103)
})
