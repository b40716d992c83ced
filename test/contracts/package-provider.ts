/**
 * What every package provider must do. It installs and removes for real: run it on a test host, or on the fake
 * machine. The sources must offer `name` in two versions and not `unknown`; `name` must not be installed.
 */
import { describe, expect, it } from 'vitest'
import type { PackageChanger } from '../../minion/system/changer.ts'
import type { PackageReader } from '../../minion/system/reader.ts'

export interface ContractPackages {
  readonly look: PackageReader
  readonly act: PackageChanger
  readonly name: string
  /** Newest first. */
  readonly versions: readonly [string, string]
  readonly unknown: string
}

export function packageProviderContract(title: string, open: () => ContractPackages): void {
  describe(`packages of ${title}`, () => {
    it('says what can be had', async () => {
      const { look, name, versions, unknown } = open()
      expect(await look.available(name)).toEqual({ candidate: versions[0], versions })
      expect(await look.available(unknown)).toEqual({ candidate: undefined, versions: [] })
      expect(await look.compareVersions(versions[0], versions[1])).toBeGreaterThan(0)
      expect(await look.compareVersions(versions[0], versions[0])).toBe(0)
    })

    it('installs, upgrades, downgrades only when told so, removes, purges', async () => {
      const { look, act, name, versions } = open()
      const version = async () => (await look.installed()).get(name)?.version
      expect(await version()).toBeUndefined()
      await act.install([{ name, version: versions[1] }])
      expect(await version()).toBe(versions[1])
      await act.install([{ name }])
      expect(await version()).toBe(versions[0])
      await expect(act.install([{ name, version: versions[1] }])).rejects.toMatchObject({
        code: 'package-failed',
      })
      await act.install([{ name, version: versions[1] }], { downgrade: true })
      expect(await version()).toBe(versions[1])
      await act.remove([name])
      expect(await version()).toBeUndefined()
      await act.purge([name])
      expect((await look.configurationLeft()).has(name)).toBe(false)
    })

    it('holds and lets go', async () => {
      const { look, act, name } = open()
      await act.install([{ name }])
      const held = async () => (await look.installed()).get(name)?.held
      expect(await held()).toBe(false)
      await act.hold([name])
      expect(await held()).toBe(true)
      await act.unhold([name])
      expect(await held()).toBe(false)
      await act.purge([name])
    })

    it('names what does not exist, and changes nothing then', async () => {
      const { look, act, name, unknown } = open()
      const both = act.install([{ name }, { name: unknown }])
      await expect(both).rejects.toMatchObject({ code: 'package-unknown', parameters: { name: unknown } })
      await expect(act.install([{ name, version: '0.0.0' }])).rejects.toMatchObject({
        code: 'package-version-unknown',
      })
      expect((await look.installed()).has(name)).toBe(false)
    })
  })
}
