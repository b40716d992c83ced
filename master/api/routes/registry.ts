/** Every route of the operator API. A new one: a `route({…})` in the file of its subject, or a file and a line here. */
import type { Route } from '../route.ts'
import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { descriptionRoutes } from './description.ts'
import { eventRoutes } from './events.ts'
import { jobRoutes } from './jobs.ts'
import { keyRoutes } from './keys.ts'
import { minionRoutes } from './minions.ts'
import { rolloutRoutes } from './rollouts.ts'
import { sessionRoutes, whoRoutes } from './sessions.ts'

export const apiRoutes: readonly Route[] = [
  ...auditRoutes,
  ...authRoutes,
  ...descriptionRoutes,
  ...eventRoutes,
  ...jobRoutes,
  ...keyRoutes,
  ...minionRoutes,
  ...rolloutRoutes,
  ...whoRoutes,
]

/** Those and what only the network needs. */
export const networkRoutes: readonly Route[] = [...apiRoutes, ...sessionRoutes]
