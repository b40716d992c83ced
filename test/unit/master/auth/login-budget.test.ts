/** How often a login may fail, also where somebody asks under very many names and addresses so that it is forgotten. */
import { expect, it } from 'vitest'
import { LoginBudget } from '../../../../master/auth/login-budget.ts'
import { networkOf } from '../../../../master/auth/network-of.ts'
import { systemClock } from '../../../../shared/clock.ts'

const at = { time: 0 }
const open = () => {
  at.time = 0
  return new LoginBudget({ ...systemClock, monotonic: () => at.time })
}
const passes = (budget: LoginBudget, user: string, address: string): boolean => {
  try {
    budget.take(user, address)
    return true
  } catch {
    return false
  }
}

it('is not forgotten for names that one address invents after it may ask no more', () => {
  const budget = open()
  let tried = 0
  for (let asked = 0; asked < 30_000; asked += 1) if (passes(budget, `n${asked}`, '10.0.0.1')) tried += 1
  expect(tried).toBe(20)
})

it('of a user is not forgotten for the many addresses that have asked since', () => {
  const budget = open()
  let tried = 0
  for (let asked = 0; asked < 30_000; asked += 1) {
    const address = `10.${asked >> 16}.${(asked >> 8) & 255}.${asked & 255}`
    if (passes(budget, 'alice', address)) tried += 1
    passes(budget, `n${asked}`, address)
  }
  expect(tried).toBe(60)
})

it('counts the addresses of one IPv6 network as one, for whoever has one has all of them', () => {
  const budget = open()
  let tried = 0
  for (let asked = 0; asked < 100; asked += 1)
    if (passes(budget, `n${asked}`, `2001:db8:0:1::${asked.toString(16)}`)) tried += 1
  expect(tried).toBe(20)
  expect(passes(budget, 'alice', '2001:db8:0:2::1')).toBe(true)
  // As a socket for both kinds writes IPv4: each is its own.
  for (let asked = 0; asked < 100; asked += 1)
    expect(passes(budget, `m${asked}`, `::ffff:10.0.0.${asked}`)).toBe(true)
})

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:00ab:1:2:3:4', '2001:db8:0:ab::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['socket', 'socket'],
])('%s is of %s', (address, network) => expect(networkOf(address)).toBe(network))
