/** /api/v1/targets, /minions, /pillar, /states, /runners and /status: what the master knows. */
import * as v from 'valibot'
import { encodeValue } from '../../../shared/data/codec.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { type MinionId, parseMinionId } from '../../../shared/ids.ts'
import { encodedValue, minionId, wallTime } from '../../../shared/protocol/fields.ts'
import { meantFor } from '../../auth/meant-for.ts'
import type { AcceptedMinion } from '../../targeting/resolve.ts'
import { route } from '../route.ts'
import { ConnectedMinion, MinionAccount, RunnerCall, RunnerReturn, Status, Target } from '../schemas.ts'
import type { RouteContext } from '../services.ts'
import { requireSight, seen } from '../sight.ts'

export const minionRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/targets',
    summary: 'Whom a target means, and who of them is connected.',
    body: Target,
    answer: v.strictObject({
      targets: v.array(v.strictObject({ id: minionId, connected: v.boolean(), lastSeen: wallTime })),
    }),
    sees: 'minions',
    errors: ['target-empty', 'target-unknown', 'target-invalid', 'access-denied'],
    async handle({ body, actor }, { resolveTarget, sessions, minions, access }) {
      access.requireTarget(actor, body)
      const require = (ids: readonly MinionId[]) => requireSight(access, actor, 'minions', ids)
      const matched = await meantFor({ access, resolveTarget, require }, actor, body)
      await require(matched.map(({ id }) => id))
      const targets = await Promise.all(
        matched.map(async ({ id, generation }) => {
          const row = await minions.find(id, generation)
          return { id, connected: sessions.find(id) !== undefined, lastSeen: row?.lastSeen ?? 0 }
        }),
      )
      return { targets }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/minions',
    summary: 'The connected minions.',
    answer: v.strictObject({ minions: v.array(ConnectedMinion) }),
    sees: 'minions',
    async handle({ actor }, { sessions, access }) {
      const visible = await seen({ access, actor, what: 'minions' }, sessions.connected(), ({ id }) => [id])
      return {
        minions: visible.map(({ id, since, address, clockOffset }) => ({
          id,
          since,
          address,
          ...(clockOffset === undefined ? {} : { clockOffset }),
        })),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/minions/:id',
    summary: 'An accepted minion: whether it is connected, its version, its grains as it said them last.',
    answer: MinionAccount,
    sees: 'minions',
    errors: ['id-invalid', 'target-unknown', 'access-denied'],
    async handle({ params, actor }, context) {
      const id = parseMinionId(params.id ?? '')
      await requireSight(context.access, actor, 'minions', [id])
      const { generation } = acceptedOf(context, id)
      const [row, grains] = await Promise.all([
        context.minions.find(id, generation),
        context.minions.grains(id, generation),
      ])
      return {
        id,
        connected: context.sessions.find(id) !== undefined,
        lastSeen: row?.lastSeen ?? 0,
        ...(row === undefined ? {} : { version: row.version, address: row.address }),
        ...(grains === undefined ? {} : { grains }),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/pillar/:id',
    summary: 'The pillar of a minion, compiled now. It is full of secrets: it needs a right of its own.',
    answer: v.strictObject({ pillar: encodedValue, errors: v.array(v.string()) }),
    sees: 'pillar',
    errors: ['id-invalid', 'target-unknown', 'access-denied'],
    async handle({ params, actor }, context) {
      const id = parseMinionId(params.id ?? '')
      await requireSight(context.access, actor, 'pillar', [id])
      acceptedOf(context, id)
      const { pillar, errors } = await context.pillars.show(id)
      return { pillar: encodeValue(pillar), errors: errors.map(({ message }) => message) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/states',
    summary: 'The environments of the state tree, and their files.',
    answer: v.strictObject({ environments: v.record(v.string(), v.array(v.string())) }),
    sees: 'states',
    errors: ['access-denied'],
    async handle({ actor }, { files, access }) {
      await requireSight(access, actor, 'states')
      const names = await files.environments()
      const lists = await Promise.all(names.map(async (name) => [name, await files.list(name)] as const))
      return { environments: Object.fromEntries(lists) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/runners',
    summary: 'Calls a runner and waits for its answer.',
    body: RunnerCall,
    answer: RunnerReturn,
    errors: ['runner-unknown', 'runner-argument', 'runner-failed', 'access-denied'],
    handle: ({ body, actor }, { callRunner }) => callRunner(body, actor),
  }),
  route({
    method: 'GET',
    path: '/api/v1/status',
    summary: 'What the master is, and how many minions it has.',
    answer: Status,
    async handle({ actor }, { version, since, accepted, sessions, options, access }) {
      // How many there are is told as far as they may be seen.
      const ids = accepted().map(({ id }) => id)
      const visible = await access.sees(actor, 'minions', ids)
      const known = visible === 'all' ? ids : ids.filter((id) => visible.has(id))
      const connected = sessions.connected().filter(({ id }) => visible === 'all' || visible.has(id))
      return {
        version,
        since,
        minions: { known: known.length, connected: connected.length },
        defaultTarget: options.default_target,
        timeout: options.timeout,
        output: options.output,
        summary: options.cli_summary,
        stateOutput: options.state_output,
        stateVerbose: options.state_verbose && !options.state_output_diff,
        stateLook: {
          times: options.state_output_profile,
          shares: options.state_output_pct,
          columns: options.state_tabular,
        },
        color: options.color,
      }
    },
  }),
]

function acceptedOf({ accepted }: RouteContext, id: MinionId): AcceptedMinion {
  const found = accepted().find((minion) => minion.id === id)
  if (found === undefined) throw new TsaltError('target-unknown', { ids: id })
  return found
}
