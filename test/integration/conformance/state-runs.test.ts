/**
 * The trees of ../shared/conformance, applied by `tsalt-call --local`, against what Salt 3006 answered for them: order,
 * result, changed, ran. What differs on purpose is listed by name; docs/guide/differences-from-salt.md says why.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../..')
const conformance = resolve(project, '../shared/conformance')

interface ExpectedState {
  readonly fun: string
  readonly id: string
  readonly name: string
  readonly result: boolean | null
  readonly changed: boolean
  readonly ran: boolean
}
interface Case {
  readonly sls: string
  readonly test: boolean
  readonly errors?: readonly string[]
  readonly states?: readonly ExpectedState[]
}

/** `sls` or `sls test` → why our answer differs from Salt's. */
const predicts =
  'a dry run predicts changes in the shape of the real run, for cmd.run and for what watch calls as well'
const refused = 'the mistake is refused before anything runs'
const onPurpose: Readonly<Record<string, string>> = {
  t1: 'mod: [fun] and mod.fun: of one ID run in the order written',
  't3 test': predicts,
  t4: 'check_cmd runs only where the state itself succeeded, and never in a dry run',
  t5a: refused,
  t5c: refused,
  t5e: refused,
  't6 test': `${predicts}; onfail handlers are not predicted for a state that would merely change`,
  'dir.other': 'tplfile of what is imported with "./" is its path, not the text of the import',
  'dir.sub': 'as dir.other',
  'u1 test': predicts,
  'u2 test': predicts,
  u9: refused,
  w1: 'sls: references work for listen, for SLS that only include, and leave out the state itself',
  'w2 test': predicts,
}

if (!existsSync(conformance)) {
  test.skip('SKIPPED: ../shared/conformance is not beside this checkout', () => {})
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-conformance-'))
  const scratch = join(folder, 'scratch')
  const { cases, pillar } = JSON.parse(
    readFileSync(join(conformance, 'expected.json'), 'utf8').replaceAll('$SCRATCH', scratch),
  ) as {
    cases: readonly Case[]
    pillar: object
  }

  beforeAll(() => {
    cpSync(join(conformance, 'srv'), join(folder, 'srv'), { recursive: true })
    for (const entry of readdirSync(join(folder, 'srv'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('$SCRATCH', scratch))
    }
    // The pillar's own files are in Jinja; what Salt made of them is recorded.
    mkdirSync(join(folder, 'pillar'))
    writeFileSync(join(folder, 'pillar/top.yaml'), "base: {'*': [recorded]}\n")
    writeFileSync(join(folder, 'pillar/recorded.yaml'), JSON.stringify(pillar))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function apply({ sls, test: dry }: Case): { code: number; ret: unknown } {
    rmSync(scratch, { recursive: true, force: true })
    mkdirSync(scratch)
    const args = [
      '--local',
      '--id',
      'vm',
      '--root-dir',
      join(folder, 'root'),
      '--out',
      'json',
      '--retcode-passthrough',
    ]
    const roots = ['--file-root', join(folder, 'srv'), '--pillar-root', join(folder, 'pillar')]
    const words = ['state.apply', sls, ...(dry ? ['test=True'] : [])]
    const run = spawnSync(
      process.execPath,
      [join(project, 'dist/tsalt-call.cjs'), ...args, ...roots, ...words],
      { encoding: 'utf8' },
    )
    try {
      return { code: run.status ?? 1, ret: JSON.parse(run.stdout).local }
    } catch {
      throw new Error(`no JSON: ${run.stdout}\n${run.stderr}`)
    }
  }

  function seen(ret: unknown): ExpectedState[] {
    return Object.entries(ret as Record<string, Record<string, unknown>>)
      .sort(([, a], [, b]) => Number(a['__run_num__']) - Number(b['__run_num__']))
      .filter(([, state]) => !String(state['comment']).startsWith('Not run: '))
      .map(([tag, state]) => {
        const [module, id, name, fun] = tag.split('_|-')
        return {
          fun: `${module}.${fun}`,
          id: id ?? '',
          name: name ?? '',
          result: state['result'] as boolean | null,
          changed: Object.keys(state['changes'] as object).length > 0,
          ran: state['__state_ran__'] !== false,
        }
      })
  }

  const pick = ({ fun, id, name, result, changed, ran }: ExpectedState): ExpectedState => ({
    fun,
    id,
    name,
    result,
    changed,
    ran,
  })

  describe('states as Salt runs them', () => {
    for (const one of cases) {
      const title = one.test ? `${one.sls} test` : one.sls
      if (onPurpose[title] !== undefined || onPurpose[one.sls] !== undefined) {
        test(`${title}: differs on purpose: ${onPurpose[title] ?? onPurpose[one.sls]}`, () => {
          const { ret } = apply(one)
          expect(Array.isArray(ret) ? [] : seen(ret)).not.toEqual((one.states ?? []).map(pick))
        })
      } else {
        test(title, () => {
          const { ret, code } = apply(one)
          if (one.errors) {
            expect(Array.isArray(ret), JSON.stringify(ret)).toBe(true)
            expect(code).toBe(1)
          } else {
            expect(Array.isArray(ret) ? ret : seen(ret)).toEqual((one.states ?? []).map(pick))
          }
        })
      }
    }
  })
}
