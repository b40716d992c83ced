/** /api/v1/audit: who did what, and who was refused. */
import * as v from 'valibot'
import { lastEntries } from '../../audit/wanted-entries.ts'
import { pageSize } from '../request.ts'
import { route } from '../route.ts'
import { requireSight } from '../sight.ts'

const glob = v.optional(v.pipe(v.string(), v.maxLength(256)))

export const auditRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'The last entries of the audit log that fit, the oldest of them first.',
    query: v.strictObject({
      actor: glob,
      kind: glob,
      subject: glob,
      verdict: v.optional(v.picklist(['allowed', 'refused'])),
      /** Milliseconds since the epoch. */
      since: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
      limit: pageSize(50, 1_000),
    }),
    answer: v.array(
      v.looseObject({
        time: v.string(),
        actor: v.string(),
        kind: v.string(),
        verdict: v.picklist(['allowed', 'refused']),
        subject: v.optional(v.string()),
        reason: v.optional(v.string()),
      }),
    ),
    sees: 'audit',
    errors: ['access-denied', 'audit-unreadable'],
    async handle({ query: { limit, ...wanted }, actor }, { access, options }) {
      await requireSight(access, actor, 'audit')
      return lastEntries(options.audit_log, wanted, limit)
    },
  }),
]
