/** docs/schema/openapi.json: the API over the network, out of the declarations of its routes. */
import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { KeyRow } from '../../master/api/key-schemas.ts'
import type { Route } from '../../master/api/route.ts'
import { networkRoutes } from '../../master/api/routes/registry.ts'
import * as schemas from '../../master/api/schemas.ts'
import { RolloutAccount, RolloutWish } from '../../master/rollouts/schemas.ts'
import { type ErrorCode, errorCodes } from '../../shared/errors/registry.ts'
import { encodedValue, jobId, minionId, sha256 } from '../../shared/protocol/fields.ts'
import { version } from '../../shared/version.ts'

type Json = Readonly<Record<string, unknown>>

/** Shown once, under their names. */
const named: Readonly<Record<string, v.GenericSchema>> = {
  BusEvent: schemas.BusEvent,
  JobAccount: schemas.JobAccount,
  JobEvent: schemas.JobEvent,
  JobSubmission: schemas.JobSubmission,
  JobSubmitted: schemas.JobSubmitted,
  KeyRow,
  MinionAccount: schemas.MinionAccount,
  Refusal: schemas.Refusal,
  RolloutAccount,
  RolloutWish,
  Target: schemas.Target,
  TargetAccount: schemas.TargetAccount,
  TargetReturn: schemas.TargetReturn,
}

/** What a function checks, and no schema tells. */
const checked = new Map<unknown, Json>([
  [
    minionId,
    { type: 'string', pattern: '^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$', description: 'A minion.' },
  ],
  [jobId, { type: 'string', pattern: '^\\d{20}$', description: 'A job id: a time in UTC.' }],
  [sha256, { type: 'string', pattern: '^[0-9a-f]{64}$' }],
  [
    encodedValue,
    {
      description:
        'Any JSON. What JSON cannot hold is an object with one key: {"$int": "…"}, {"$float": "1.0"}, {"$map": [[key, value], …]}.',
    },
  ],
])

const config: ConversionConfig = {
  typeMode: 'input',
  errorMode: 'ignore',
  definitions: named as NonNullable<ConversionConfig['definitions']>,
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  overrideSchema: ({ valibotSchema }) => checked.get(valibotSchema),
}

function schemaOf(schema: v.GenericSchema): Json {
  const { $schema: _, $defs: __, ...json } = toJsonSchema(schema, config) as Json
  return json
}

/** Refusals that any route may answer with. */
const always: readonly ErrorCode[] = ['login-needed', 'request-malformed', 'rate-limited', 'token-in-url']

export function openApi(): Json {
  const { definitions: _, ...rest } = config
  return {
    openapi: '3.1.0',
    info: {
      title: 'tsalt',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'The API of a tsalt master. The routes of salt-api, which Salt’s own clients use, stand beside it and are described in docs/guide/api.md.',
    },
    servers: [
      {
        url: 'https://{master}:{port}',
        variables: { master: { default: 'master' }, port: { default: '4511' } },
      },
    ],
    security: [{ bearer: [] }, { token: [] }, { cookie: [] }, { certificate: [] }],
    paths: pathsOf(networkRoutes),
    components: {
      schemas: toJsonSchemaDefs(named as Parameters<typeof toJsonSchemaDefs>[0], rest),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'session_id' },
        certificate: { type: 'mutualTLS' },
      },
    },
  }
}

function pathsOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of [...routes].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

function operationOf(route: Route): Json {
  const { method, path, summary, body, open, sees } = route
  const words = path.replace('/api/v1/', '').replace(/[:/]+/g, '-')
  return {
    operationId: `${method.toLowerCase()}-${words}`,
    tags: [words.split('-')[0] ?? ''],
    summary,
    ...(sees === undefined ? {} : { description: `Needs the right to see ${sees}.` }),
    ...(open === true ? { security: [] } : {}),
    parameters: [...pathParameters(path), ...queryParameters(route)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: { ...success(route), ...refusals(route) },
  }
}

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: checked.get(name === 'jid' ? jobId : minionId) ?? { type: 'string' },
  }))

function queryParameters({ query }: Route): Json[] {
  if (query === undefined) return []
  const { properties = {} } = schemaOf(query) as { readonly properties?: Readonly<Record<string, Json>> }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }))
}

function success({ answer, status = 200, stream }: Route): Json {
  const schema = schemaOf(answer)
  const types = stream ? ['application/x-ndjson', 'text/event-stream'] : ['application/json']
  const description = stream ? 'A stream: one document a line, or server-sent events.' : 'Done.'
  return { [status]: { description, content: Object.fromEntries(types.map((type) => [type, { schema }])) } }
}

function refusals({ errors = [], open }: Route): Json {
  const codes = [...new Set([...errors, ...always])].filter(
    (code) => open !== true || code !== 'login-needed',
  )
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { http } = errorCodes[code]
    byStatus.set(http, [...(byStatus.get(http) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.sort().join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    ]),
  )
}
