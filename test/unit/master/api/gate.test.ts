/** Budgets and identity of requests over the network, without a network. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseCrossSite, refuseTokenInUrl, shownToken } from '../../../../master/api/tcp/identify.ts'
import { RateLimit } from '../../../../master/api/tcp/rate-limit.ts'

describe('a rate limit', () => {
  const at = { time: 0 }
  const limit = (most = 1_000) =>
    new RateLimit({ clock: { monotonic: () => at.time }, burst: 3, rate: 2, most })

  it('lets so many through at once, and then so many in a second', () => {
    at.time = 0
    const one = limit()
    expect([1, 2, 3, 4].map(() => one.take('a'))).toEqual([0, 0, 0, 1])
    expect(one.take('b')).toBe(0)
    at.time = 500
    expect([one.take('a'), one.take('a')]).toEqual([0, 1])
  })

  it('takes several at once where there are as many', () => {
    at.time = 0
    const one = limit()
    expect([one.take('a', 2), one.take('a', 2), one.take('a')]).toEqual([0, 1, 0])
    at.time = 1_000
    expect(one.take('a', 2)).toBe(0)
  })

  it('never lets more through than its burst and its rate, whoever asks when', () => {
    const pause = fc.integer({ min: 0, max: 900 })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), pause), { maxLength: 60 }), (asks) => {
        at.time = 0
        const one = limit()
        const let_through = new Map<string, number>()
        for (const [name, after] of asks) {
          at.time += after
          if (one.take(name) === 0) let_through.set(name, (let_through.get(name) ?? 0) + 1)
        }
        for (const count of let_through.values())
          expect(count).toBeLessThanOrEqual(3 + (at.time / 1000) * 2 + 1e-9)
      }),
    )
  })

  it('remembers no more names than it may: those beyond share one budget', () => {
    at.time = 0
    const one = limit(2)
    for (const name of ['a', 'b']) one.take(name)
    expect(['c', 'd', 'e', 'f'].map((name) => one.take(name) === 0)).toEqual([true, true, true, false])
    // Once a budget is full again nobody has to remember it.
    at.time = 60_000
    expect(one.take('g')).toBe(0)
  })
})

describe('a token', () => {
  const shown = (headers: Record<string, string>) => shownToken({ headers })

  it.each([
    [
      { 'x-auth-token': 'a', cookie: 'session_id=b' },
      { by: 'token', token: 'a' },
    ],
    [
      { 'x-auth-token': '', cookie: 'session_id=b' },
      { by: 'cookie', token: 'b' },
    ],
    [{ authorization: 'Bearer c' }, { by: 'token', token: 'c' }],
    [{ authorization: 'Basic c' }, undefined],
    [{ cookie: 'other=1; session_id=d; more=2' }, { by: 'cookie', token: 'd' }],
    [{ cookie: 'xsession_id=d' }, undefined],
    [{}, undefined],
  ])('of %j', (headers, expected) => {
    expect(shown(headers as Record<string, string>)).toEqual(expected)
  })

  it.each(['/events?token=x', '/a?b=1&salt_token=x', '/a?TOKEN=x', '/a?password=x'])(
    'is refused in %s',
    (url) => {
      expect(() => refuseTokenInUrl(url)).toThrow(expect.objectContaining({ code: 'token-in-url' }))
    },
  )

  it.each(['/events', '/api/v1/events?after=1&tag=token', '/api/v1/events?tag=a%3Ftoken%3D'])(
    'is not in %s',
    (url) => {
      expect(() => refuseTokenInUrl(url)).not.toThrow()
    },
  )
})

describe('a page of another site', () => {
  const of = (headers: Record<string, string>) => () =>
    refuseCrossSite({ headers: { host: 'master:4511', ...headers } })

  it.each([
    [{}],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://master:4511' }],
    [{ 'sec-fetch-site': 'none' }],
  ])('%j is none', (headers) => expect(of(headers as Record<string, string>)).not.toThrow())

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'http://master:4511' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://master:4511' }],
  ])('%j is one', (headers) =>
    expect(of(headers as Record<string, string>)).toThrow(expect.objectContaining({ code: 'cross-site' })),
  )
})
