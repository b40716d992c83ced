/** Programs that cannot start, or find nobody: configurations, no master, no daemon. */
import { afterAll, describe, expect, test } from 'vitest'
import { freePort } from '../stage/free-port.ts'
import { Bench } from './bench.ts'
import { Daemon, until } from './site.ts'

describe('a configuration', () => {
  const mistakes: [title: string, text: string, says: string[]][] = [
    [
      'an unknown option',
      '# a comment\nintreface: 127.0.0.1\n',
      ['Unknown option', ':2:1', 'Did you mean "interface"?'],
    ],
    ['a word for a number', 'port: abc\n', ['Option "port": a number is expected, not "abc"', ':1:7']],
    ['a number too large', 'port: 70000\n', ['a number of at most 65535 is expected, not 70000', ':1:7']],
    ['one of a list', 'log_level: wraning\n', ['one of trace, debug', ':1:12', 'Did you mean "warning"?']],
    ['folders', 'file_roots: {base: /srv}\n', ['a list is expected at "base", not "/srv"', ':1:13']],
    [
      'an option twice',
      'port: 1\nport: 2\n',
      ['Option "port" is given twice', ':2:1', 'first written here', ':1:1'],
    ],
    ['not YAML', 'port: 1\nfile_roots: [a\n', ['a "[" is opened here and not closed', ':2:13', 'Write a ]']],
    ['an address without quotes', 'interface: ::\n', ['needs quotes', ':1:13']],
    ['a list', '- port\n', ['it is not a mapping of options']],
    [
      'no address',
      'interface: 300.1.1.1\n',
      ['cannot listen on 300.1.1.1:4510', 'an address of this machine'],
    ],
  ]
  test.each(mistakes)('%s', async (_, text, says) => {
    const bench = new Bench()
    try {
      const file = bench.write('etc/tsalt/master', text)
      const { code, stdout, stderr } = await bench.run('tsalt-master', ['--root-dir', bench.folder])
      for (const part of says) expect(stderr).toContain(part.startsWith(':') ? `at ${file}${part}` : part)
      expect(stdout).toBe('')
      expect(code).not.toBe(0)
      expect(stderr).not.toMatch(/\n\s+at .*\.(?:cjs|ts):/)
    } finally {
      bench.remove()
    }
  })

  test("an option that is the master's, in the file of a minion", async () => {
    const bench = new Bench()
    bench.write('etc/tsalt/minion', 'port: 4510\n')
    const { code, stderr } = await bench.run('tsalt-minion', ['--root-dir', bench.folder])
    expect(stderr).toContain('Unknown option "port"')
    expect(stderr).toContain('Did you mean "master_port"?')
    expect(code).toBe(64)
    bench.remove()
  })
})

describe('nobody there', () => {
  const bench = new Bench()
  afterAll(() => bench.remove())

  test.each(['tsalt', 'tsalt-key', 'tsalt-run'])('no master for %s', async (program) => {
    const words = { tsalt: ['*', 'test.ping'], 'tsalt-key': ['-L'] }[program] ?? ['manage.up']
    const { code, stderr } = await bench.run(program, ['--root-dir', bench.path('nowhere'), ...words])
    expect(stderr).toContain(`The master does not answer on ${bench.path('nowhere')}`)
    expect(stderr).toContain('systemctl status tsalt-master')
    expect(code).toBe(2)
  })

  test('tsalt-call without a daemon, a configuration, and --local', async () => {
    const { code, stderr } = await bench.run('tsalt-call', ['--root-dir', bench.path('new'), 'test.ping'])
    expect(stderr).toContain('Nothing says which master this minion may trust')
    expect(stderr).toContain('tsalt-key --token')
    expect(stderr).toContain('tsalt-call --local')
    expect(code).toBe(64)
  })

  test('tsalt-call without a daemon, and no master: at once, and why', async () => {
    const port = await freePort()
    const lines = [
      'id: alone',
      'master: 127.0.0.1',
      `master_port: ${port}`,
      `master_finger: '${'07'.repeat(32)}'`,
    ]
    bench.write('alone/etc/tsalt/minion', lines.join('\n'))
    const from = performance.now()
    const { code, stdout, stderr } = await bench.run('tsalt-call', [
      '--root-dir',
      bench.path('alone'),
      'test.ping',
    ])
    expect(stdout).toBe('')
    expect(stderr.match(/ERROR|WARNING/g)).toEqual(['ERROR'])
    expect(stderr).toContain(`The master at 127.0.0.1:${port} cannot be reached: nothing listens there`)
    expect(stderr).toContain('tsalt-call --local')
    expect(code).toBe(2)
    expect(performance.now() - from).toBeLessThan(10_000)
  })

  test('a minion without its master says so once, however often it tries', async () => {
    const port = await freePort()
    const lines = ['id: calm', 'master: 127.0.0.1', `master_port: ${port}`, 'trust_on_first_use: true']
    bench.write('calm/etc/tsalt/minion', [...lines, 'recon_default: 20', 'recon_max: 40', ''].join('\n'))
    const minion = new Daemon(bench, 'tsalt-minion', 'calm')
    await until('its complaint', () => minion.log().length > 0)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(minion.log()).toHaveLength(1)
    expect(minion.log()[0]).toMatchObject({
      level: 'warning',
      reason: `The master at 127.0.0.1:${port} cannot be reached: nothing listens there.`,
      hint: expect.stringContaining('master_port'),
    })
    await minion.stop()
  })

  test.each([
    ['tsalt-minion', ['--rot-dir', 'x'], 'Did you mean --root-dir?'],
    ['tsalt-call', ['--lcal', 'test.ping'], 'Did you mean --local?'],
    ['tsalt-call', ['notafunction'], 'A function is MODULE.FUNCTION'],
    ['tsalt-call', ['--out', 'jsn', 'test.ping'], 'nested, highstate, json'],
    ['tsalt-master', ['--foo'], 'tsalt-master --help has all options'],
    ['tsalt-minion', ['--join', 'tsalt1:a:b:c:d'], 'Give it on standard input'],
    ['tsalt-minion', ['--join', '/no/such/file'], 'there is no such file'],
  ])('%s %s', async (program, words, hint) => {
    const { code, stdout, stderr } = await bench.run(program, words)
    expect(stderr).toContain(hint)
    expect(stdout).toBe('')
    expect(code).toBe(64)
  })
})
