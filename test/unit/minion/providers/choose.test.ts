import { describe, expect, it } from 'vitest'
import { chooseProviders } from '../../../../minion/providers/choose.ts'
import { openMachine } from '../../../../minion/system/machine.ts'

const debian = new Map([
  ['kernel', 'Linux'],
  ['os_family', 'Debian'],
])
const other = new Map([
  ['kernel', 'FreeBSD'],
  ['os', 'FreeBSD'],
  ['osrelease', '14.1'],
])

describe('choosing providers', () => {
  it('goes by grains', () => {
    const chosen = chooseProviders(debian)
    expect([chosen.package?.id, chosen.service?.id, chosen.account?.id]).toEqual(['apt', 'systemd', 'shadow'])
    expect(chooseProviders(other).package).toBeUndefined()
  })

  it('knows package managers by the family, and yum by the release', () => {
    const of = (family: string, major: number) =>
      chooseProviders(
        new Map<string, string | number>([
          ['os_family', family],
          ['osmajorrelease', major],
        ]),
      ).package?.id
    expect([
      of('RedHat', 7),
      of('RedHat', 9),
      of('RedHat', 41),
      of('Suse', 15),
      of('Arch', 0),
      of('Alpine', 3),
    ]).toEqual(['yum', 'dnf', 'dnf', 'zypper', 'pacman', 'apk'])
  })

  it('is overridden by the configuration, by our names and by those of Salt', () => {
    expect(chooseProviders(other, { package: 'apt' }).package?.id).toBe('apt')
    expect(chooseProviders(other, { pkg: 'apt' }).package?.id).toBe('apt')
    expect(() => chooseProviders(debian, { service: 'sytemd' })).toThrow(/"sytemd", which does not exist/)
  })

  it('says by name what is missing, when it is used and not before', async () => {
    const machine = openMachine({ grains: other })
    const doing = machine.packages.change(machine.query).install([{ name: 'x' }])
    await expect(doing).rejects.toThrow(
      'tsalt has no package provider for this system (FreeBSD 14.1), so "install packages"',
    )
    await expect(machine.services.look.states(['x'])).rejects.toMatchObject({ code: 'provider-missing' })
  })
})
