/** Texts that several states gather for one file of the run. */
import { describe, expect, test } from 'vitest'
import { renderTemplate } from '../../../../shared/render/template.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import { runSls } from './run-sls.ts'

const machine = () =>
  new FakeMachine(
    { files: { '/etc': { type: 'directory' }, '/etc/hosts': '# S\n# E\n' } },
    {
      render: (engine, { text, name }, context) =>
        renderTemplate({ engine, text, name, variables: { ...context } }),
    },
  )

const template = `
/etc/proxy:
  file.managed:
    - template: jinja
    - contents: |
        {% raw %}{% for line in accumulator['backends'] %}{{ line }};{% endfor %}{% endraw %}
`
const gather = (id: string, file: string, text: string, more = '') => `
${id}:
  file.accumulated:
    - name: backends
    - filename: ${file}
    - text: ${text}
    - require_in: [{file: ${file}}]
${more}`

describe('a template', () => {
  const sls = `${template}${gather('two', '/etc/proxy', '[b, a]')}${gather('one', '/etc/proxy', 'a')}`

  test('gets the texts in the order of the run, each once', async () => {
    const on = machine()
    const run = await runSls(sls, { machine: on })
    expect(run.states.map(({ result }) => result)).toEqual([true, true, true])
    expect(Buffer.from(await on.reader.files.read('/etc/proxy')).toString()).toBe('b;a;\n')
  })

  test('gets them in a dry run too', async () => {
    const run = await runSls(sls, { machine: machine(), test: true })
    expect(run.state('/etc/proxy').changes.diff).toContain('+b;a;')
  })
})

test('a block gets them below its content', async () => {
  const block = `
/etc/hosts:
  file.blockreplace:
    - marker_start: '# S'
    - marker_end: '# E'
    - content: first
`
  const on = machine()
  await runSls(`${block}${gather('one', '/etc/hosts', '[10.0.0.1 a, 10.0.0.2 b]')}`, { machine: on })
  expect(Buffer.from(await on.reader.files.read('/etc/hosts')).toString()).toBe(
    '# S\nfirst\n10.0.0.1 a\n10.0.0.2 b\n# E\n',
  )
})

test('of several, a state gets the one that it requires', async () => {
  const other = gather('other', '/etc/proxy', 'x')
    .replace('name: backends', 'name: unused')
    .replace(/ +- require_in.*\n/, '')
  const on = machine()
  const all = template.replace("accumulator['backends']", 'accumulator')
  await runSls(`${other}${gather('one', '/etc/proxy', 'a')}${all}`, { machine: on })
  expect(Buffer.from(await on.reader.files.read('/etc/proxy')).toString()).toBe('backends;\n')
})

test('a text that comes too late is no silent loss', async () => {
  const late = gather('late', '/etc/hosts', 'x').replace(/ +- require_in.*\n/, '')
  const run = await runSls(
    `
/etc/hosts:
  file.blockreplace: [{marker_start: '# S'}, {marker_end: '# E'}]
${late}`,
    { machine: machine() },
  )
  expect(run.state('late').result).toBe(false)
  expect(run.state('late').comment).toContain('Orphaned accumulator backends in it:late')
})
