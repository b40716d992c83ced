/** /api/v1/openapi.json: what there is, for programs and people who look for it. */
import * as v from 'valibot'
import { route } from '../route.ts'

export const descriptionRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This description.',
    open: true,
    answer: v.looseObject({ openapi: v.string() }),
    async handle() {
      // Loaded where it is asked for: it is large.
      const { default: description } = await import('../../../docs/schema/openapi.json', {
        with: { type: 'json' },
      })
      return description
    },
  }),
]
