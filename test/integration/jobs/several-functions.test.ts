/** Several functions in one command: a real master, a real minion, the command line; kill -9 in the midst of them. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lines, Stage, until } from '../stage/stage.ts'

let stage: Stage
const motd = (): string => stage.path('motd')
beforeAll(async () => {
  stage = await Stage.open()
  stage.writeState('motd.sls', `${motd()}:\n  file.managed:\n    - contents: hello\n`)
}, 60_000)
afterAll(() => stage.close())

const tsalt = (...words: string[]) => stage.run('tsalt', words)
const effect = (text: string): string => `echo ${text} >> ${stage.path('effects')}`
const effects = (): string[] => lines(stage.path('effects'))

describe('on the command line', () => {
  it.each([
    [['cmd.run,test.ping,test.echo', 'echo up', ',', ',', 'foo']],
    [['cmd.run,test.ping,test.echo', 'echo up,,foo']],
    [['cmd.run,test.ping,test.echo', 'echo up', ';', ';', 'foo', '--args-separator', ';']],
  ])('%j', (words) => {
    const { status, stdout } = tsalt('one', ...words, '--out', 'json')
    expect(JSON.parse(stdout)).toEqual({ one: { 'cmd.run': 'up', 'test.ping': true, 'test.echo': 'foo' } })
    expect(status).toBe(0)
  })

  it('the exit code is that of the worst, and the others run', () => {
    const { status, stdout } = tsalt('one', 'cmd.run,test.ping', 'exit 3', ',')
    expect([status, stdout]).toEqual([
      1,
      'one:\n    ----------\n    cmd.run:\n    test.ping:\n        True\n',
    ])
  })

  it('state runs are shown as such, a dry run changes nothing, and undo takes back what one of them did', () => {
    const dry = tsalt('one', 'test.ping,state.apply', ',', 'motd', 'test=True')
    expect(dry.stdout).toMatch(
      /^one:\n {4}-{10}\n {4}test.ping:\n {8}True\none\b.*\n(?:.*\n)*.*would change: 1/,
    )
    expect(() => readFileSync(motd())).toThrow('ENOENT')
    const real = tsalt('one', 'cmd.run,state.apply', 'echo a', ',', 'motd', '--show-jid')
    expect([real.status, readFileSync(motd(), 'utf8')]).toEqual([0, 'hello\n'])
    const jid = /jid: (\d{20})/.exec(real.stderr)?.[1] ?? ''
    const undone = tsalt('one', 'undo.job', jid)
    // Of the same job, and honest about the command in it.
    expect(undone.stdout).toMatch(/echo a {2}Cannot be put back: a command ran/)
    expect(() => readFileSync(motd())).toThrow('ENOENT')
  })

  it('are listed, shown and run again as they were typed', () => {
    const first = tsalt('one', 'test.echo,test.echo,test.ping', 'a', ',', 'b', ',')
    expect(first.stdout).toContain('test.echo#2:\n        b')
    expect(tsalt('jobs', 'list', '--limit', '1').stdout).toContain(
      "test.echo,test.echo,test.ping a , b ,  'one'",
    )
    const jid = /\d{20}/.exec(tsalt('jobs', 'list', '--limit', '1').stdout)?.[0] ?? ''
    expect(tsalt('jobs', 'rerun', jid).stdout).toBe(first.stdout)
    const shown = JSON.parse(tsalt('jobs', 'show', jid, '--out', 'json').stdout)
    expect(shown).toMatchObject({
      fun: 'test.echo,test.echo,test.ping',
      targets: { one: { functions: [{ fun: 'test.echo' }, { retcode: 0 }, { outcome: 'done' }] } },
    })
  })

  it('their secrets are not shown', () => {
    const words = ['test.echo,test.arg', 'a hunter22', ',', 'password=hunter22']
    const { stdout } = tsalt('one', ...words)
    expect(stdout).toContain('test.arg')
    const jid = /\d{20}/.exec(tsalt('jobs', 'list', '--limit', '1').stdout)?.[0] ?? ''
    expect(stdout + tsalt('jobs', 'show', jid).stdout.replace('a hunter22', '')).not.toContain('hunter22')
  })

  it('as a rollout, and not waited for', () => {
    const rolled = tsalt('one', 'test.ping,test.echo', ',', 'x', '--batch-size', '1', '--out', 'json')
    expect(rolled.stdout).toContain('"test.echo": "x"')
    expect(tsalt('one', 'test.ping,test.echo', ',', 'x', '--async').stdout).toMatch(/job ID: \d{20}/)
  })

  it('are seen as state runs while they are under way', async () => {
    stage.writeState('slow.sls', 'sleep 5:\n  cmd.run: []\n')
    const jid = stage.newJid()
    await stage.submit(jid, 'test.ping,state.apply', [[], ['slow']])
    await until('the state run', 20, async () => {
      const asked = tsalt('one', 'state.running,saltutil.is_running', ',', 'state.*', '--out', 'json').stdout
      const { one } = JSON.parse(asked) as { one: Record<string, unknown[]> }
      expect(one['state.running']).toHaveLength(one['saltutil.is_running']?.length ?? -1)
      return JSON.stringify(one).includes(jid) || undefined
    })
    expect((await stage.ended(jid)).return).toMatchObject({ outcome: 'done', ret: { 'test.ping': true } })
  })

  it('are killed together', async () => {
    const jid = stage.newJid()
    await stage.submit(jid, 'cmd.run,cmd.run,cmd.run', [[effect('k1')], ['sleep 60'], [effect('k3')]])
    await until('the first of them', 20, async () => effects().includes('k1') || undefined)
    expect(tsalt('jobs', 'kill', jid).status).toBeLessThan(3)
    const ended = await stage.ended(jid)
    expect(ended.return).toMatchObject({
      outcome: 'cancelled',
      ret: { 'cmd.run': '', 'cmd.run#3': expect.stringContaining('Not run') },
      ended: expect.arrayContaining([expect.objectContaining({ name: 'sleep' })]),
    })
    expect(effects()).not.toContain('k3')
  })
})

describe('kill -9', () => {
  it('of the minion in the midst: what was done is told and not done again, the rest is not run', async () => {
    const jid = stage.newJid()
    await stage.submit(jid, 'cmd.run,test.echo,cmd.run,cmd.run', [
      [effect('c1')],
      ['kept'],
      [`${effect('c3')}; sleep 60`],
      [effect('c4')],
    ])
    await until('the third of them', 20, async () => effects().includes('c3') || undefined)
    await stage.minion.end('SIGKILL')
    await stage.restart(stage.minion)
    const ended = await stage.ended(jid)
    expect(ended.return).toMatchObject({
      outcome: 'interrupted',
      retcode: 1,
      success: false,
      ret: {
        'cmd.run': '',
        'test.echo': 'kept',
        'cmd.run#2': expect.stringContaining('went down while this was running'),
        'cmd.run#3': expect.stringContaining('Not run'),
      },
      calls: [
        { outcome: 'done' },
        { outcome: 'done' },
        { outcome: 'interrupted' },
        { outcome: 'interrupted' },
      ],
    })
    expect(effects().filter((line) => /^c\d$/.test(line))).toEqual(['c1', 'c3'])
  })

  it('of the master: they end in one record all the same', async () => {
    const jid = stage.newJid()
    await stage.submit(jid, 'cmd.run,cmd.run', [[`sleep 1; ${effect('m1')}`], [effect('m2')]])
    await stage.master.end('SIGKILL')
    await stage.restart(stage.master)
    const ended = await stage.ended(jid)
    expect(ended.return).toMatchObject({ outcome: 'done', ret: { 'cmd.run': '', 'cmd.run#2': '' } })
    expect(effects().filter((line) => /^m\d$/.test(line))).toEqual(['m1', 'm2'])
  })
})
