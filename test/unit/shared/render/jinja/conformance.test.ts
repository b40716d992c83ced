/** Templates beside this repository with what Jinja2 3.1 makes of them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isDict, type Value } from '../../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../../shared/errors/error.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { loadYaml } from '../../../../../shared/render/yaml.ts'

const file = join(import.meta.dirname, '../../../../../../shared/conformance/jinja.json')

interface Recorded {
  readonly files: Readonly<Record<string, string>>
  readonly cases: readonly { name: string; t: string; exp: { ok?: string; err?: string } }[]
}

describe.skipIf(!existsSync(file))('as Jinja2 3.1 (skipped without ../shared/conformance)', () => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{"ctx": {}, "files": {}, "cases": []}'
  const { files, cases } = JSON.parse(text) as Recorded
  // The YAML reader keeps 2.0 a float.
  const contextText = text.slice(text.indexOf('"ctx": ') + 7, text.indexOf(', "files"'))
  const variables = (): Record<string, Value> => {
    const context = loadYaml(contextText, 'jinja.json')
    return isDict(context) ? Object.fromEntries([...context].map(([key, value]) => [String(key), value])) : {}
  }
  for (const { name, t, exp } of cases) {
    it(name, async () => {
      const rendered = renderJinja({
        text: t,
        file: 'main',
        variables: variables(),
        variablesAreGlobal: false,
        partial: async (path) => (files[path] === undefined ? undefined : { text: files[path], file: path }),
      })
      if (exp.ok === undefined) await expect(rendered).rejects.toSatisfy(isTsaltError)
      else expect((await rendered).text).toBe(exp.ok)
    })
  }
})
