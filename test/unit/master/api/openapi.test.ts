/** The description of the API: valid, complete, and about the routes that there are. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { openApi } from '../../../../docs/generate/openapi.ts'
import { networkRoutes } from '../../../../master/api/routes/registry.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly responses: Readonly<Record<string, unknown>>
}

const description = openApi() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
const operations = Object.values(description.paths).flatMap((path) => Object.values(path))

describe('docs/schema/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    expect(await validator.validate(structuredClone(description))).toMatchObject({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('is refused by that validator where something is wrong with it', async () => {
    const broken = structuredClone(description) as { paths: Record<string, unknown> }
    broken.paths['/api/v1/jobs'] = { get: { responses: 7 } }
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
  })

  it('has each route, and names each once', () => {
    const routes = networkRoutes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual(routes.sort())
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('leads nowhere else: every reference is there', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../docs/schema/openapi.json'), 'utf8')
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } }
    const names = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference)
    expect(names.length).toBeGreaterThan(20)
    for (const name of new Set(names)) {
      expect(name).toMatch(/^#\/components\/schemas\/\w+$/)
      expect(components.schemas).toHaveProperty(name.split('/').at(-1) ?? '')
    }
  })

  it('tells of each route what it does, without a mark at the wrong end', () => {
    for (const { summary } of operations) expect(summary).toMatch(/^[A-Z].*\.$/)
  })
})
