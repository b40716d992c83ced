/**
 * What every service provider must do. It starts and stops for real: run it on a test host, or on the fake
 * machine. `good` is an installed service that starts, stopped and disabled; `broken` one whose start fails.
 */
import { describe, expect, it } from 'vitest'
import type { ServiceChanger } from '../../minion/system/changer.ts'
import type { ServiceReader } from '../../minion/system/reader.ts'

export interface ContractServices {
  readonly look: ServiceReader
  readonly act: ServiceChanger
  readonly good: string
  readonly broken: string
}

/** @param options `masks`: false of an init system that has none */
export function serviceProviderContract(
  title: string,
  open: () => ContractServices,
  { masks = true }: { readonly masks?: boolean } = {},
): void {
  describe(`services of ${title}`, () => {
    it('answers for many names, also for those that do not exist', async () => {
      const { look, good } = open()
      const states = await look.states([good, `${good}.service`, 'no-such-service'])
      expect([...states.keys()]).toEqual([good, `${good}.service`, 'no-such-service'])
      expect(states.get(good)).toMatchObject({ exists: true, running: false, enabled: false, masked: false })
      expect(states.get(`${good}.service`)).toEqual(states.get(good))
      expect(states.get('no-such-service')).toMatchObject({ exists: false, running: false, enabled: false })
      expect(await look.list()).toContain(good)
    })

    it('starts, reloads, restarts, stops, and sees it at once', async () => {
      const { look, act, good } = open()
      const running = async () => (await look.states([good])).get(good)?.running
      await act.start(good)
      expect(await running()).toBe(true)
      await act.restart(good)
      expect(await running()).toBe(true)
      await act.stop(good)
      expect(await running()).toBe(false)
    })

    it('enables and disables', async () => {
      const { look, act, good } = open()
      const state = async () => (await look.states([good])).get(good)
      await act.enable(good)
      expect(await state()).toMatchObject({ enabled: true, enablement: 'enabled' })
      await act.disable(good)
      expect(await state()).toMatchObject({ enabled: false })
      await act.enable(good)
      expect(await state()).toMatchObject({ enabled: true })
      await act.disable(good)
      await act.daemonReload()
      expect(await look.needsReload(good)).toBe(false)
    })

    it.skipIf(masks)('says that it has no masks', async () => {
      const { look, act, good } = open()
      await expect(act.mask(good)).rejects.toMatchObject({ code: 'service-failed' })
      await act.unmask(good)
      expect((await look.states([good])).get(good)).toMatchObject({ masked: false })
    })

    it.runIf(masks)('masks and unmasks', async () => {
      const { look, act, good } = open()
      const state = async () => (await look.states([good])).get(good)
      await act.mask(good)
      expect(await state()).toMatchObject({ masked: true, enabled: false, exists: true })
      await expect(act.start(good)).rejects.toMatchObject({ code: 'service-failed' })
      await act.unmask(good)
      expect(await state()).toMatchObject({ masked: false })
    })

    it('says why something does not start, and what does not exist', async () => {
      const { look, act, broken } = open()
      await expect(act.start(broken)).rejects.toMatchObject({ code: 'service-failed' })
      expect((await look.states([broken])).get(broken)).toMatchObject({ running: false, active: 'failed' })
      await expect(act.start('no-such-service')).rejects.toMatchObject({ code: 'service-unknown' })
    })
  })
}
