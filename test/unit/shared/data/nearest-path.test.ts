import { expect, it } from 'vitest'
import { nearestPath } from '../../../../shared/data/nearest-path.ts'
import { toValue } from '../../../../shared/data/value.ts'

const pillar = toValue({ app: { user: 'web', ports: { http: 80 } }, redis: { port: 6379 } })

it.each([
  ['app:usr', 'app:user'],
  ['ap:user', 'app:user'],
  ['ap:ports:htp', 'app'],
  ['app:port:http', 'app:ports:http'],
  ['app:user:x', undefined],
  ['nothing:like:it', undefined],
  ['app:user', undefined],
])('%s: %s', (path, meant) => expect(nearestPath(pillar, path)).toBe(meant))
