/** What templates ask of a real machine: this one. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { askingMinion } from './asking-minion.ts'

const minion = askingMinion()
const { tree } = minion
writeFileSync(join(tree, 'motd'), 'hello\n')
mkdirSync(join(tree, 'nginx'))
writeFileSync(
  join(tree, 'nginx/init.sls'),
  "{% set n = salt['cmd.run']('echo 3') %}a: {{ n }}\nb: {{ extra | default('none') }}\n",
)
symlinkSync('motd', join(tree, 'link'))
afterAll(() => rmSync(tree, { recursive: true, force: true }))

const uid = process.getuid?.() ?? 0

describe('templates ask', () => {
  test.each([
    // cmd
    ["{{ salt['cmd.run']('echo a | tr a b') }}", 'b'],
    ["{{ salt.cmd.run('echo $0 x; echo e >&2') }}", '/bin/sh x\ne'],
    ["{{ salt['cmd.shell']('exit 3') }}", ''],
    ["{{ salt['cmd.run_stdout']('echo \"a b\" | c') }}", 'a b | c'],
    ["{{ salt['cmd.run_stdout']('echo $HOME', python_shell=True, env=[{'HOME': '/x'}]) }}", '/x'],
    ["{{ salt['cmd.run_stderr']('sh -c \"echo e >&2; echo o\"') }}", 'e'],
    ["{{ salt['cmd.retcode']('test -e /nonexistent') }}", '1'],
    ["{% set r = salt['cmd.run_all']('sh -c \"echo o; exit 4\"') %}{{ r.retcode }} {{ r['stdout'] }}", '4 o'],
    ["{{ salt['cmd.run']('pwd', cwd='/usr', ignore_retcode=True, output_loglevel='quiet') }}", '/usr'],
    ["{{ salt['cmd.has_exec']('sh') }} {{ salt['cmd.which']('no-such-program') }}", 'True None'],
    // file
    ["{{ salt['file.file_exists']('/etc/passwd') }} {{ salt['file.file_exists']('/etc') }}", 'True False'],
    ["{{ salt['file.file_exists']('') }} {{ salt['file.directory_exists']('etc') }}", 'False True'],
    [`{{ salt['file.is_link']('${tree}/link') }} {{ salt['file.readlink']('${tree}/link') }}`, 'True motd'],
    [
      `{{ salt['file.read']('${tree}/motd') | trim }} {{ salt['file.get_mode']('/etc/passwd') }}`,
      'hello 0644',
    ],
    ["{{ salt['file.get_user']('/etc/passwd') }} {{ salt['file.get_uid']('/etc/passwd') }}", 'root 0'],
    ["{% set s = salt['file.stats']('/etc') %}{{ s.type }} {{ s.user }} {{ s.mode }}", 'dir root 0755'],
    [`{{ salt['file.find']('${tree}', name='*.sls', type='f') }}`, `['${tree}/nginx/init.sls']`],
    [`{{ salt['file.find']('${tree}', type='d', name='ngin*', mindepth=1, print='name') }}`, "['nginx']"],
    [
      `{{ salt['file.find']('${tree}', regex='.*/ngin[xy]/.*[.]sls$', print='name,type') }}`,
      "[['init.sls', 'f']]",
    ],
    ["{{ salt['file.join']('/a', 'b') }} {{ salt['file.basename']('/a/b') }}", '/a/b b'],
    [`{{ salt['file.grep']('${tree}/motd', 'HEL', '-i').stdout }}`, 'hello'],
    [`{{ salt['file.get_hash']('${tree}/motd', 'md5') }}`, 'b1946ac92492d2347c6235b4d2611184'],
    // accounts
    ["{% set u = salt['user.info']('root') %}{{ u.uid }} {{ u.home }} {{ u.groups[0] }}", '0 /root root'],
    ["{{ salt['user.info']('nobody-of-that-name') }}", '{}'],
    ["{{ 'root' in salt['user.list_users']() }} {{ salt['group.info']('root').gid }}", 'True 0'],
    // environment, configuration, pillar, grains
    ["{{ salt['environ.get']('TSALT_NOT_SET', 'd') }} {{ salt['environ.has_value']('PATH') }}", 'd True'],
    ["{{ salt['config.get']('app:port') }} {{ salt['config.get']('app:port', omit_opts=True) }}", '1 80'],
    ["{{ salt['config.get']('app', merge='recurse') }}", "{'port': 1, 'hosts': ['a'], 'user': 'opts'}"],
    [
      "{{ salt['pillar.get']('app', {'x': 1}, merge=True).x }} {{ salt['pillar.fetch']('app/port', delimiter='/') }}",
      '1 80',
    ],
    ["{{ salt['grains.equals']('id', 'web1') }} {{ salt['grains.fetch']('roles:0') }}", 'True web'],
    ["{{ salt['test.provider']('pkg') }} {{ salt['test.provider']('service') }}", 'aptpkg systemd_service'],
    // network
    ["{{ '127.0.0.1' in salt['network.ip_addrs'](include_loopback=True) }}", 'True'],
    [
      "{{ salt['network.interface_ip']('lo') }} {{ salt['network.interfaces']().lo.inet[0].netmask }}",
      '127.0.0.1 255.0.0.0',
    ],
    ["{{ salt['network.calc_net']('192.0.2.77', '255.255.255.0') }}", '192.0.2.0/24'],
    [
      "{{ salt['network.default_route']() is iterable }} {{ salt['network.subnets']() is iterable }}",
      'True True',
    ],
    // the tree
    ["{{ salt['cp.get_file_str']('salt://motd') }}{{ salt['cp.get_file_str']('salt://none') }}", 'hello\n'],
    [
      "{{ salt['cp.list_states']() }} {{ salt['cp.hash_file']('salt://motd').hash_type }}",
      "['nginx'] sha256",
    ],
    ["{{ salt['slsutil.renderer']('salt://nginx/init.sls', extra='e') }}", "{'a': 3, 'b': 'e'}"],
    ["{{ salt['slsutil.renderer'](string='[1, 2]') }}", '[1, 2]'],
    ["{{ salt['slsutil.file_exists']('motd') }} {{ salt['slsutil.dir_exists']('nginx') }}", 'True True'],
    [`{% set p = salt['cp.cache_file']('salt://motd') %}{{ p }}`, `${tree}/cache/files/base/motd`],
    // others
    ["{{ salt['status.time']('%Y') | int > 2000 }} {{ salt['pkg.version_cmp']('1.2', '1.10') }}", 'True -1'],
    ["{{ salt['dnsutil.A']('name.invalid', '127.0.0.1:9') }}", '[]'],
    ["{{ salt['alternatives.show_current']('no-such-name') }}", 'False'],
    ["{{ salt['hashutil.digest_file']('" + tree + "/motd') }}", 'b1946ac92492d2347c6235b4d2611184'],
  ])('%s', async (text, expected) => {
    expect(await minion.render(text)).toBe(expected)
  })

  test('with one call for each in the template, also where it changes the machine', async () => {
    const file = join(tree, 'count')
    const text = `{% for n in range(3) %}{{ salt['cmd.run']('echo x >> ${file}') }}{% endfor %}{{ salt['file.file_exists']('${file}') }}`
    expect(await minion.render(text)).toBe('True')
    expect(readFileSync(file, 'utf8')).toBe('x\nx\nx\n')
  })

  test('a web server', async () => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/missing') response.statusCode = 404
      response.end(JSON.stringify({ path: request.url, agent: request.headers['x-agent'] ?? null }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      expect(
        await minion.render(
          `{% set r = salt['http.query']('${base}/a', decode=True, params={'b': 'c d'}, header_dict={'X-Agent': 'me'}) %}{{ r.dict.path }} {{ r.dict.agent }}`,
        ),
      ).toBe('/a?b=c+d me')
      expect(await minion.render(`{{ salt['http.query']('${base}/missing').error }}`)).toBe(
        'HTTP 404: Not Found',
      )
      expect(await minion.render(`{{ salt['cp.get_url']('${base}/x') | load_json }}`)).toBe(
        "{'path': '/x', 'agent': None}",
      )
      await expect(minion.render(`{{ salt['cp.get_url']('${base}/missing') }}`)).rejects.toMatchObject({
        code: 'url-unreachable',
      })
    } finally {
      server.close()
    }
  })

  test.skipIf(uid !== 0 || !existsSync('/usr/bin/setpriv'))('as another user', async () => {
    const name = execFileSync('id', ['-un', '65534'], { encoding: 'utf8' }).trim()
    expect(await minion.render(`{{ salt['cmd.run']('id -un', runas='${name}') }}`)).toBe(name)
  })
})

describe('filters ask', () => {
  const odd = join(tree, 'odd')
  mkdirSync(join(odd, 'below'), { recursive: true })
  writeFileSync(join(odd, 'empty'), '')
  writeFileSync(join(odd, 'below/text'), 'gr\u00fcn\n')
  writeFileSync(join(odd, 'zero'), Buffer.from([65, 0, 66]))
  writeFileSync(join(odd, 'latin'), Buffer.from([...Buffer.from('gr'), 0xfc, ...Buffer.from('n und mehr')]))
  writeFileSync(join(odd, 'noise'), Buffer.from([0xfe, 0xff, 0x80, 0x81, 65]))
  const kindOf = (name: string): string =>
    `{{ '${odd}/${name}' | is_text_file }} {{ '${odd}/${name}' | is_bin_file }} {{ '${odd}/${name}' | is_empty }}`

  // As Salt 3006 answers for the same bytes.
  test.each([
    [kindOf('empty'), 'True False True'],
    [kindOf('below/text'), 'True False False'],
    [kindOf('zero'), 'False True False'],
    [kindOf('latin'), 'True True False'],
    [kindOf('noise'), 'False True False'],
    [kindOf('nothing'), 'False False False'],
    [
      `{{ '${odd}' | list_files | sort | join(' ') | replace('${odd}', '') }}`,
      ' /below /below/text /empty /latin /noise /zero',
    ],
    ["{{ 'localhost' | dns_check(ipv6=False) }}", '127.0.0.1'],
    ["{{ 'sh' | which | regex_search('(sh)$') | first }} {{ 'root' | get_uid }}", 'sh 0'],
    [`{{ '${odd}/empty' | file_hashsum('md5') }}`, 'd41d8cd98f00b204e9800998ecf8427e'],
    ["{{ ('http://127.0.0.1:1/' | http_query).error is defined }}", 'True'],
    ["{{ ('http://127.0.0.1:1/' | http_query(method='POST', data='x')).error is defined }}", 'True'],
  ])('%s', async (text, answer) => expect(await minion.render(text)).toBe(answer))

  test('and fail where there is no address', async () => {
    const asked = minion.render("{{ 'no-such-host.invalid' | dns_check }}")
    await expect(asked).rejects.toThrow(/DNS lookup/)
  })
})

writeFileSync(join(tree, 'check.sh'), '#!/bin/sh\necho "$1" {{ who }} "$2"\necho "$0" >&2\nexit 3\n')
test('a script of the tree runs with its arguments, rendered where that is wanted, and is gone after it', async () => {
  const options = "template='jinja', context={'who': 'tsalt'}, args='a \"b c\"'"
  const asked = `{% set r = salt['cmd.script']('salt://check.sh', ${options}) %}`
  const [stdout = '', path = '', code] = (
    await minion.render(`${asked}{{ r.stdout }}|{{ r.stderr }}|{{ r.retcode }}`)
  ).split('|')
  expect([stdout, code]).toEqual(['a tsalt b c', '3'])
  expect(path).toContain(join(tree, 'cache'))
  expect(existsSync(path)).toBe(false)
  expect(
    await minion.render("{{ salt['cmd.script_retcode']('salt://check.sh x', success_retcodes=[3]) }}"),
  ).toBe('0')
  await expect(minion.render("{{ salt['cmd.script']('salt://no-such.sh') }}")).rejects.toMatchObject({
    code: 'source-missing',
  })
})

test('what can be said at once is asked as often as a template likes', async () => {
  const calls = [
    "salt['file.file_exists']('/etc/passwd')",
    "salt['file.directory_exists']('/nonexistent')",
    "salt['user.info']('root').uid",
    "salt['group.info']('root').gid",
    "salt['environ.get']('NO_SUCH_VARIABLE', 'x')",
  ]
  // More answers than a template may wait for.
  const text = `{% for n in range(1500) %}{{ ${calls.join(' ~ ')} }}\n{% endfor %}`
  expect(await minion.render(text)).toBe('TrueFalse00x\n'.repeat(1500))
})

describe('Handlebars templates ask', () => {
  test.each([
    ["{{salt 'cmd.run' 'echo a | tr a b'}}", 'b'],
    ["{{#if (salt 'file.file_exists' '/etc/passwd')}}yes{{/if}}", 'yes'],
    [
      "{{#each (salt 'cmd.run_all' 'sh -c \"exit 4\"' ignore_retcode=true) as |v k|}}{{k}} {{/each}}",
      'pid retcode stdout stderr ',
    ],
    ["{{#each (split 'a,b' ',') as |x|}}{{salt 'cmd.run' (concat 'echo ' x)}}{{/each}}", 'ab'],
    ["{{#with (salt 'user.info' 'root') as |u|}}{{u.uid}}{{/with}}", '0'],
  ])('%s', async (text, expected) => {
    expect(await minion.render(text, 'handlebars')).toBe(expected)
  })

  test('and errors have the place of the call', async () => {
    await expect(minion.render("a\n {{salt 'cmd.rum' 'x'}}", 'handlebars')).rejects.toMatchObject({
      code: 'template-call-unknown',
      place: { line: 2 },
      hint: 'Did you mean "cmd.run"?',
    })
    await expect(minion.render("{{salt 'cmd.run' nothing}}", 'handlebars')).rejects.toMatchObject({
      code: 'template-argument',
    })
  })
})

describe('templates are told', () => {
  test.each([
    ['{{ 1 }}\n{{ salt["cmd.rum"]("x") }}', 'jinja-undefined', 2, 'cmd.run'],
    ['\n\n{{ salt["cmd.run"]("x", shel="y") }}', 'function-argument-unknown', 3, 'shell'],
    ['{{ salt["vault.read_secret"]("x") }}', 'jinja-undefined', 1, 'pillar'],
    ['{{ salt["boto_vpc.exists"]("x") }}', 'jinja-undefined', 1, 'ext_pillar'],
    ['{{ salt["racks.of"]("x") }}', 'jinja-undefined', 1, '_modules/racks'],
    ['{{ salt["file.find"]("/etc", regex="(") }}', 'function-failed', 1, ''],
    ['{{ salt["mine.get"]("*", "network.ip_addrs") }}', 'mine-missing', 1, '--local'],
    ['{{ salt["saltutil.runner"]("cache.grains") }}', 'runner-refused', 1, 'pillar'],
    ['{{ salt["state.apply"]("x") }}', 'template-call-refused', 1, ''],
    ['{{ salt["cmd.run"]("false", raise_err=True) }}', 'command-failed', 1, ''],
    ['{{ salt["file.read"]("/nonexistent") }}', 'file-unreadable', 1, ''],
    ['{{ salt["user.info"]() }}', 'function-argument-missing', 1, ''],
  ])('%s', async (text, code, line, hint) => {
    const error = await minion.render(text).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, place: { line } })
    if (hint !== '') expect(String((error as { hint?: string }).hint)).toContain(hint)
  })

  test('in a dry run that what changes the machine is not called, and commands are', async () => {
    const dry = askingMinion({ test: true })
    expect(await dry.render("{{ salt['cmd.run']('echo x') }}")).toBe('x')
    const file = join(dry.tree, 'made')
    writeFileSync(join(dry.tree, 'motd'), 'from the tree')
    for (const call of [
      "file.touch'](FILE)",
      "cp.get_url']('salt://motd', FILE)",
      "cp.get_url']('salt://motd', dest=FILE)",
      "cp.get_file']('salt://motd', FILE)",
      "saltutil.kill_job']('20260102030405000000')",
      "saltutil.term_job']('20260102030405000000')",
      "state.pause']('20260102030405000000')",
      "state.soft_kill']('20260102030405000000')",
    ])
      await expect(
        dry.render(`{{ salt['${call.replace('FILE', `'${file}'`)} }}`),
        call,
      ).rejects.toMatchObject({ code: 'template-call-changes' })
    expect(existsSync(file)).toBe(false)
    expect(await dry.render("{{ salt['cp.get_url']('salt://motd') }}")).toBe('from the tree')
    rmSync(dry.tree, { recursive: true })
  })

  test('what they log is logged once', async () => {
    await minion.render("{% do salt.log.warning('careful') %}{{ salt['cmd.run']('true') }}")
    expect(minion.said).toEqual(['warning careful'])
  })
})
