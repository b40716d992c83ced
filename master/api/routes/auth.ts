/** /api/v1/auth: users, tokens and certificates of operators, and why a rule does or does not cover something. */
import * as v from 'valibot'
import type { MinionId } from '../../../shared/ids.ts'
import { encodedValue, wallTime } from '../../../shared/protocol/fields.ts'
import type { Act, Decision } from '../../auth/access.ts'
import type { Actor } from '../../auth/actor.ts'
import { meantFor } from '../../auth/meant-for.ts'
import { unknownFunctions } from '../../auth/nature/unknown-function.ts'
import { type Route, route } from '../route.ts'
import { Target } from '../schemas.ts'
import type { RouteContext } from '../services.ts'
import { seen } from '../sight.ts'

const name = v.pipe(v.string(), v.maxLength(256))
const names = v.pipe(v.array(name), v.maxLength(100))
const password = v.pipe(v.string(), v.maxLength(4_096))
const done = v.strictObject({ done: v.literal(true) })
const yes = { done: true } as const

const User = v.strictObject({
  name: v.string(),
  groups: v.array(v.string()),
  disabled: v.boolean(),
  made: wallTime,
  changed: wallTime,
})

const Token = v.strictObject({
  id: v.string(),
  user: v.string(),
  eauth: v.string(),
  made: wallTime,
  expires: wallTime,
  note: v.string(),
})

const Certificate = v.strictObject({
  serial: v.string(),
  name: v.string(),
  made: wallTime,
  expires: wallTime,
  revoked: v.optional(wallTime),
})

const Question = v.strictObject({
  /** As in the audit log: `alice`, `pam:bob`. */
  name,
  kind: v.picklist(['job', 'runner', 'wheel', 'see']),
  /** `module.function`; of `see` what is looked at. */
  fun: name,
  args: v.array(encodedValue),
  kwargs: v.record(v.string(), encodedValue),
  target: v.optional(Target),
})

export const authRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/auth/users',
    summary: 'The operators of this master.',
    answer: v.array(User),
    handle: ({ actor }, { operators }) => operators.users(actor),
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/users',
    summary: 'Adds an operator. Without a password nobody logs in by the name.',
    body: v.strictObject({ name, password: v.optional(password), groups: v.optional(names, []) }),
    answer: v.strictObject({
      done: v.literal(true),
      /** Whether a rule lets this user do something. */
      mayAct: v.boolean(),
    }),
    status: 201,
    errors: ['user-name-invalid', 'group-name-invalid', 'password-unfit', 'user-exists', 'access-denied'],
    async handle({ body, actor }, { operators, access }) {
      await operators.addUser(body, actor)
      return { ...yes, mayAct: access.actor(body.name).grants.length > 0 }
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/users/:name',
    summary:
      'Changes the password, the groups, or whether an operator may come in. Logins end with the password.',
    body: v.strictObject({
      password: v.optional(password),
      groups: v.optional(names),
      disabled: v.optional(v.boolean()),
    }),
    answer: done,
    errors: ['user-unknown', 'group-name-invalid', 'password-unfit', 'access-denied'],
    async handle({ body, params, actor }, { operators }) {
      await operators.changeUser(params.name ?? '', body, actor)
      return yes
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/auth/users/:name',
    summary: 'Removes an operator with its tokens, and revokes its certificates.',
    answer: done,
    errors: ['user-unknown', 'access-denied'],
    async handle({ params, actor }, { operators }) {
      await operators.dropUser(params.name ?? '', actor)
      return yes
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/auth/tokens',
    summary: 'The tokens that are good, without their secrets.',
    answer: v.array(Token),
    async handle({ actor }, { operators }) {
      const passes = await operators.tokens(actor)
      return passes.map(({ hash: _hash, ...token }) => token)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/tokens',
    summary: 'Makes a token for an operator. It is shown this once.',
    body: v.strictObject({
      user: name,
      seconds: v.pipe(v.number(), v.safeInteger()),
      note: v.optional(name, ''),
    }),
    answer: v.strictObject({ token: v.string(), expires: wallTime }),
    status: 201,
    errors: ['user-unknown', 'operator-lifetime-invalid', 'access-denied'],
    async handle({ body, actor }, { operators }) {
      const { token, expire } = await operators.makeToken(body.user, body.seconds, body.note, actor)
      return { token, expires: expire }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/auth/tokens/:id',
    summary: 'Revokes a token.',
    answer: done,
    errors: ['operator-token-unknown', 'access-denied'],
    async handle({ params, actor }, { operators }) {
      await operators.revokeToken(params.id ?? '', actor)
      return yes
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/auth/certificates',
    summary: 'The certificates of operators.',
    answer: v.array(Certificate),
    async handle({ actor }, { operators }) {
      const found = await operators.certificates(actor)
      return found.map(({ hash: _hash, revoked, ...one }) => ({
        ...one,
        ...(revoked === undefined ? {} : { revoked }),
      }))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/certificates',
    summary: "Signs an operator's public key.",
    body: v.strictObject({
      name,
      publicKey: v.pipe(v.string(), v.maxLength(4_096)),
      days: v.pipe(v.number(), v.safeInteger()),
    }),
    answer: v.strictObject({
      certificate: v.string(),
      authority: v.string(),
      serial: v.string(),
      expires: wallTime,
    }),
    status: 201,
    errors: ['user-unknown', 'public-key-unfit', 'operator-lifetime-invalid', 'access-denied'],
    handle: ({ body, actor }, { operators }) =>
      operators.makeCertificate(body.name, body.publicKey, body.days, actor),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/auth/certificates/:serial',
    summary: 'Revokes the certificate of an operator.',
    answer: done,
    errors: ['operator-certificate-unknown', 'access-denied'],
    async handle({ params, actor }, { operators }) {
      await operators.revokeCertificate((params.serial ?? '').toLowerCase(), actor)
      return yes
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/check',
    summary:
      'Whether somebody may do something, and which rules say so. Nothing is done, and nothing audited.',
    body: Question,
    answer: v.strictObject({
      allowed: v.boolean(),
      /** A sentence each. */
      reasons: v.array(v.string()),
      /** Of those whom the target means the ones that who asks may see. */
      minions: v.optional(v.array(v.string())),
    }),
    errors: ['access-denied', 'target-invalid', 'target-empty', 'target-missing'],
    handle: ({ body, actor }, context) => check(body, actor, context),
  }),
]

async function check(
  question: v.InferOutput<typeof Question>,
  actor: Actor,
  { access, resolveTarget }: RouteContext,
): Promise<Decision & { minions?: string[] }> {
  // One's own rights are one's own affair.
  if (actor.name !== question.name)
    await access.require(actor, {
      kind: 'wheel',
      fun: 'auth.check',
      args: [],
      kwargs: { name: question.name },
    })
  const { kind, fun, args, kwargs, target } = question
  if (target !== undefined) access.requireTarget(actor, target)
  const asked = access.actor(question.name)
  const visible = async (ids: readonly MinionId[]): Promise<MinionId[]> => [
    ...(await seen({ access, actor, what: 'minions' }, ids, (id) => [id])),
  ]
  const actOn = (minions: readonly MinionId[] | undefined): Act =>
    kind === 'see'
      ? { kind, what: fun as Extract<Act, { kind: 'see' }>['what'], ...(minions ? { minions } : {}) }
      : kind === 'job'
        ? { kind, fun, args, kwargs, minions: minions ?? [] }
        : { kind, fun, args, kwargs }
  const unknown = kind === 'see' ? [] : unknownFunctions(kind, fun)
  const explain = async (minions?: readonly MinionId[]): Promise<Decision> => {
    const { allowed, reasons } = await access.explain(asked, actOn(minions), actor)
    return { allowed, reasons: [...reasons, ...unknown] }
  }
  const wanted = target ?? (kind === 'job' ? { kind: 'glob' as const, expression: '*' } : undefined)
  if (wanted === undefined || kind === 'runner' || kind === 'wheel') return explain()
  let refusal: Decision | undefined
  const require = async (named: readonly MinionId[]): Promise<void> => {
    const decision = await explain(named)
    if (!decision.allowed) refusal = decision
  }
  try {
    const minions = (await meantFor({ access, resolveTarget, require }, actor, wanted)).map(({ id }) => id)
    return { ...(await explain(minions)), minions: await visible(minions) }
  } catch (error) {
    if (refusal === undefined) throw error
    return { ...refusal, minions: [] }
  }
}
