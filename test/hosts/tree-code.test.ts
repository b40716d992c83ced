/** Modules of a tree in TypeScript, from the master's folder to a change on a real host, and back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const words = `import { absolutePath, defaulted, drift, inSync, needed, stateFunction, stateModule, text } from 'tsalt'
import { lineOf } from '../_utils/lines.ts'

const said = stateFunction({
  summary: 'Makes sure that a file says a word.',
  args: { name: needed(absolutePath, 'The file.'), word: defaulted(text, 'hello', 'The word.') },
  async check({ name, word }, look) {
    const info = await look.files.info(name)
    const now: string = info ? Buffer.from(await look.files.read(name)).toString() : ''
    if (now === lineOf(word)) return inSync(\`\${name} says \${word}\`)
    return drift({ [name]: { old: now.trim(), new: word } }, { would: 'would say', done: 'says' }, async (act) => {
      await act.files.write(name, Buffer.from(lineOf(word)))
      const seen = await act.commands.run(['cat', name], { undo: [{ argv: ['touch', '/srv/undone'] }] })
      return { comment: 'it says ' + seen.stdout.trim() }
    })
  },
})
const stuck = stateFunction({
  summary: 'Ends its thread.',
  args: { name: needed(text, 'Nothing.') },
  check: () => process.exit(1),
})
export default stateModule({ summary: 'Words.', functions: { said, stuck } })
`
const racks = `import { execFunction, execModule, needed, whole } from 'tsalt'
export default execModule({ summary: 'Racks.', functions: {
  of: execFunction({
    summary: 'The place of a unit.',
    args: { unit: needed(whole, 'Height.') },
    readOnly: true,
    run: async ({ unit }, { id, look }) => ({ id, place: 'r12u' + unit, os: look.grains.get('os') ?? null }),
  }),
} })
`
const sls = `/srv/word:
  words.said:
    - word: "{{ salt['racks.of'](4).place }}"
`

describe('TypeScript of a tree', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      '_states/words.ts': words,
      '_modules/racks.ts': racks,
      '_utils/lines.ts': 'export const lineOf = (word: string): string => word + String.fromCharCode(10)\n',
      'words.sls': sls,
      'stuck.sls': 'a: {words.stuck: []}\nb: {words.said: [name: /srv/other]}\n',
      'wrong.sls': '/srv/x: {words.said: [wrod: x]}\n',
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
  })
  afterAll(() => fleet?.halt())

  const call = async (...words: string[]): Promise<{ code: number; ret: unknown; text: string }> => {
    const { code, stdout, stderr } = await site.tsalt(['one', ...words, '--out', 'json', '--static'])
    return { code, ret: stdout.startsWith('{') ? JSON.parse(stdout).one : undefined, text: stdout + stderr }
  }

  test('a state is told, done and silent, with a function of the tree in its template', async () => {
    expect((await call('saltutil.sync_all')).ret).toMatchObject({
      modules: ['modules.racks'],
      states: ['states.words'],
    })
    const { real } = await holds(site, 'one', ['state.apply', 'words'])
    expect(Object.values(real)[0]).toMatchObject({
      comment: 'it says r12u4',
      changes: { '/srv/word': { old: '', new: 'r12u4' } },
    })
    expect(host.read('/srv/word')).toBe('r12u4\n')
  })

  test('arguments are read and refused as those of any function', async () => {
    expect((await call('racks.of', '7')).ret).toEqual({ id: 'one', place: 'r12u7', os: 'Debian' })
    expect((await call('racks.of', 'x')).text).toContain('a whole number is expected')
    expect((await call('state.apply', 'wrong')).text).toContain('Did you mean \\"word\\"?')
    expect((await call('sys.list_functions', 'racks')).ret).toEqual(['racks.of'])
    expect((await call('sys.list_state_functions', 'words')).ret).toEqual(['words.said', 'words.stuck'])
    expect(JSON.stringify((await call('sys.doc', 'racks.of')).ret)).toContain('The place of a unit.')
  })

  test('is undone as what tsalt itself changes', async () => {
    const jobs = (await call('undo.list')).ret as Record<string, unknown>
    await apply(site, 'one', ['undo.job', Object.keys(jobs).sort().at(-1) ?? ''])
    expect(await host.sh('ls /srv')).not.toContain('word')
    expect(await host.sh('ls /srv')).toContain('undone')
  })

  test('one that ends its thread fails alone, and the daemon stays', async () => {
    const pid = await host.sh('systemctl show -p MainPID --value tsalt-minion')
    const entries = Object.values(await apply(site, 'one', ['state.apply', 'stuck']))
    expect(entries.map(({ result }) => result)).toEqual([false, true])
    expect(entries[0]?.comment).toContain('its thread ended with 1')
    expect(await host.sh('systemctl show -p MainPID --value tsalt-minion')).toBe(pid)
  })

  test('a changed file runs with the next job, with no sync', async () => {
    site.edit('/srv/tsalt/_modules/racks.ts', "'r12u'", "'r99u'")
    expect((await call('racks.of', '7')).ret).toMatchObject({ place: 'r99u7' })
  })

  test('tsalt-call alone has them too', async () => {
    await host.sh('mkdir -p /srv/own/_modules')
    host.write('/srv/own/_modules/racks.ts', racks.replace('r12u', 'own'))
    const line = 'tsalt-call --local --file-root=/srv/own'
    await host.sh(`${line} saltutil.sync_all`)
    expect(await host.sh(`${line} racks.of 3 --out json`)).toContain('own3')
    await host.sh('rm -rf /srv/own; tsalt-call saltutil.sync_all')
  })

  test('what others than root may write is not run', async () => {
    await site.master.sh('chmod o+w /srv/tsalt/_modules')
    const { text } = await call('racks.of', '7')
    expect(text).toContain('chmod go-w /srv/tsalt/_modules')
    await site.master.sh('chmod o-w /srv/tsalt/_modules; chown tsalt /srv/tsalt/_states/words.ts')
    expect((await call('racks.of', '7')).ret).toMatchObject({ place: 'r99u7' })
    expect((await call('state.apply', 'words')).text).toContain('chown root /srv/tsalt/_states/words.ts')
    await site.master.sh('chown root /srv/tsalt/_states/words.ts')
  })

  test('a mistake in TypeScript has its place', async () => {
    site.edit('/srv/tsalt/_states/words.ts', 'const now: string =', 'const now: =')
    expect((await call('state.apply', 'words')).text).toMatch(/_states\/words\.ts: line 9, column 1\d/)
  })
})
