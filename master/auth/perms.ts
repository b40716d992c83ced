/** Grants in the form of Salt's `external_auth`: what Salt's clients are told of them at the login. */
import type { Json } from '../../shared/data/codec.ts'
import type { Actor } from './actor.ts'

export function permsOf(grants: Actor['grants']): Json {
  if (grants === 'everything') return ['.*', '@runner', '@wheel', '@jobs']
  return grants.flatMap((grant): Json[] => {
    const functions = [...grant.functions, ...(grant.expressions ?? [])]
    if (grant.on === 'see') return []
    if (grant.on === 'job')
      return grant.target === undefined ? [] : [{ [grant.target.expression]: functions }]
    return functions.includes('*') ? [`@${grant.on}`] : [{ [`@${grant.on}`]: functions }]
  })
}
