/** Programs of the tree that stand in for Python modules. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FolderFiles } from '../../../minion/files/folder-files.ts'
import { ProgramCatalog } from '../../../minion/programs/catalog.ts'
import { pythonRefusal, syncPrograms } from '../../../minion/programs/synced.ts'
import { functionTable } from '../../../minion/services/function-table.ts'
import { isDict } from '../../../shared/data/value.ts'
import { silent } from './jobs/jobs-fixture.ts'
import { askingMinion } from './modules/asking-minion.ts'

let tree = ''
let synced = ''
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'tsalt-programs-'))
  synced = mkdtempSync(join(tmpdir(), 'tsalt-synced-'))
})
afterEach(() => {
  for (const folder of [tree, synced]) rmSync(folder, { recursive: true, force: true })
})

function put(path: string, content: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), content)
}

const sync = () => syncPrograms(new FolderFiles({ base: [tree] }), synced, silent)

/** Says what it was given, less what every request has. */
const echo = `#!/bin/sh\nread -r line\nprintf '%s\\n' "$line" | sed 's/,"id".*$/}/'\n`

async function minionWith(options: { test?: boolean } = {}): Promise<ReturnType<typeof askingMinion>> {
  const { python } = await sync()
  const catalog = new ProgramCatalog(synced)
  catalog.sawPython(python.filter(({ standIn }) => !standIn))
  return askingMinion({ ...options, functions: functionTable(catalog) })
}

describe('programs of the tree', () => {
  test('are synced by kind; Python files are named, with or without what stands in', async () => {
    put('_modules/vmware', echo)
    put('_modules/vmware.py', 'def x(): pass\n')
    put('_modules/only.py', '#!/usr/bin/env python3\n')
    put('_modules/bad-name', echo)
    put('_states/app', echo)
    put('_renderers/mine.py', '')
    put('_utils/deep/er.py', '')
    const { changed, python } = await sync()
    expect(changed).toEqual(['modules.vmware', 'states.app'])
    expect(python.map(({ file, standIn }) => [file, standIn])).toEqual([
      ['salt://_modules/only.py', false],
      ['salt://_modules/vmware.py', true],
      ['salt://_renderers/mine.py', false],
      ['salt://_utils/deep/er.py', false],
    ])
    expect(python.map(pythonRefusal)[0]).toMatch(/_modules\/only\.py is Python.*"_modules\/only" beside it/)
    rmSync(join(tree, '_modules/vmware'))
    expect((await sync()).changed).toEqual(['modules.vmware'])
  })

  test('what is no program any more does not go on answering as it did', async () => {
    put('_modules/vmware', echo)
    await sync()
    put('_modules/vmware', 'no program\n')
    expect((await sync()).changed).toEqual(['modules.vmware'])
    expect(new ProgramCatalog(synced).function('vmware.x')).toBeUndefined()
    expect((await sync()).changed).toEqual([])
  })

  test('answer calls of templates with JSON', async () => {
    put('_modules/vmware', echo)
    const minion = await minionWith()
    expect(
      await minion.render(
        "{% set r = salt['vmware.tags']('web', {'a': 1.0}, key=[True, None]) %}{{ r.fun }} {{ r.args }} {{ r.kwargs }} {{ 'vmware.x' in salt }} {{ salt.vmware is defined }}",
      ),
    ).toBe("vmware.tags ['web', {'a': 1}] {'key': [True, None]} True True")
  })

  test('are told when a template of a dry run asks', async () => {
    put(
      '_modules/vmware',
      '#!/bin/sh\ncase $(cat) in *\'"test":true\'*) echo 1 ;; *\'"test":false\'*) echo 0 ;; esac\n',
    )
    const text = "{{ salt['vmware.tags']() }}"
    expect(await (await minionWith({ test: true })).render(text)).toBe('1')
    expect(await (await minionWith()).render(text)).toBe('0')
  })

  test('never take the place of functions that are there', async () => {
    put('_modules/test', echo)
    const minion = await minionWith()
    expect(await minion.render("{{ salt['test.ping']() }} {{ salt['test.own']().fun }}")).toBe(
      'True test.own',
    )
  })

  test.each([
    ['#!/bin/sh\necho no json\n', 'did not print JSON but "no json"'],
    ['#!/bin/sh\ntrue\n', 'it printed nothing'],
    ['#!/bin/sh\necho why >&2; exit 3\n', 'exit code 3: why'],
    ['#!/no/such/interpreter\n', 'exit code'],
  ])('that fail are named: %j', async (content, reason) => {
    put('_modules/bad', content)
    const minion = await minionWith()
    const error = await minion.render("\n{{ salt['bad.call']() }}").catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'program-failed', place: { line: 2 } })
    expect(String(error)).toContain('salt://_modules/bad')
    expect(String(error)).toContain(reason)
  })

  test('that others may write are not run', async () => {
    put('_modules/loose', echo)
    const minion = await minionWith()
    chmodSync(join(synced, 'modules/loose'), 0o722)
    await expect(minion.render("{{ salt['loose.call']() }}")).rejects.toThrow(/others may write it/)
  })

  test('are missed with the name of the Python file', async () => {
    put('_modules/pythonic.py', '')
    const minion = await minionWith()
    await expect(minion.render("{{ salt['pythonic.call']() }}")).rejects.toMatchObject({
      code: 'jinja-undefined',
      hint: expect.stringContaining('salt://_modules/pythonic.py is Python'),
    })
  })
})

describe('programs that are states', () => {
  const program = `#!/bin/sh
read -r line
case "$line" in
  *'"test":true'*) result=null ;;
  *) result=true; touch "${'$'}{0}.ran" ;;
esac
case "$line" in
  *'"name":"same"'*) echo '{"result": true, "changes": {}, "comment": "as it was"}' ;;
  *'"name":"broken"'*) echo '{"result": false, "changes": {}, "comment": "cannot"}' ;;
  *'"name":"odd"'*) echo '[]' ;;
  *) echo "{\\"result\\": $result, \\"changes\\": {\\"size\\": 3}, \\"comment\\": \\"grew\\"}" ;;
esac
`

  async function call(name: string, testRun: boolean) {
    put('_states/disk', program)
    await sync()
    const definition = new ProgramCatalog(synced).state('disk.grown')
    if (definition === undefined) throw new Error('no state')
    const minion = askingMinion()
    const { look, act } = minion.context
    const run = { test: testRun, predicted: [], id: name, sls: 'x', environment: 'base' }
    const decision = await definition.check({ name, arguments: new Map([['size', 3]]) } as never, look, run)
    if (decision.kind !== 'drift' || testRun) return decision
    const applied = await decision.apply(act)
    return { ...applied, changes: isDict(applied?.changes) ? [...applied.changes] : applied?.changes }
  }

  test('predict in a dry run and change in a real one', async () => {
    expect(await call('var', true)).toMatchObject({ kind: 'drift', comment: 'grew' })
    expect(await call('same', true)).toEqual({ kind: 'in-sync', comment: 'as it was' })
    expect(await call('broken', true)).toMatchObject({ kind: 'failed', comment: 'cannot' })
    expect(await call('var', false)).toEqual({ ok: true, changes: [['size', 3]], comment: 'grew' })
    expect(await call('broken', false)).toMatchObject({ ok: false, comment: 'cannot' })
    await expect(call('odd', false)).rejects.toThrow(/salt:\/\/_states\/disk/)
  })
})
