/** What Salt's command line printed for recorded returns, against our formatters: times and process numbers aside. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue, type Value } from '../../../shared/data/value.ts'
import { formatHost, formatValue, type OutputSettings } from '../../../shared/output/format.ts'

const plain: OutputSettings = {
  out: undefined,
  stateForm: 'full',
  stateVerbose: true,
  color: false,
  unicode: true,
}
const read = (name: string): string => readFileSync(new URL(`salt/${name}`, import.meta.url), 'utf8')

/** Without the command line, the messages on stderr and the exit code around it. */
function recorded(name: string): string {
  return read(name)
    .replaceAll('\r\n', '\n')
    .split('\n')
    .filter((line) => !/^(?:\$ |\[exit \d+\]|ERROR: Minions returned)/.test(line))
    .join('\n')
}

/** Times and process numbers are of one run; their places stay. */
function timeless(text: string): string {
  return text
    .replace(/\d\d:\d\d:\d\d\.\d{6}/g, 'TIME')
    .replace(/Duration: [\d.]+ ms/g, 'Duration: N ms')
    .replace(/Total run time: +[\d.]+ m?s/g, 'Total run time: N')
    .replace(/(pid(?:\x1b\[0;0m)?:\n +(?:\x1b\[[\d;]+m)?)\d+/g, '$1N')
    .trimEnd()
}

const changedAndFailed = ((): Value => {
  const value = decodeValue(JSON.parse(recorded('highstate_json.txt')))
  return (value as Dict).get('m1') ?? null
})()

const full = (settings: Partial<OutputSettings>, ret: Value = changedAndFailed): string =>
  formatHost({ id: 'm1', ret, retcode: 2, format: 'highstate' }, { ...plain, ...settings })

describe('state results as Salt prints them', () => {
  it.each([
    ['full', 'highstate_changed_failed.txt', {}],
    ['terse', 'highstate_state_output_terse.txt', { stateForm: 'terse' as const }],
    ['mixed', 'highstate_state_output_mixed.txt', { stateForm: 'mixed' as const }],
    ['changes', 'highstate_state_output_changes.txt', { stateForm: 'changes' as const }],
    ['full without what is in order', 'highstate_state_verbose_false.txt', { stateVerbose: false }],
    ['full with colours', 'highstate_changed_failed.ansi', { color: true }],
  ])('%s', (_, name, settings) => {
    expect(timeless(full(settings))).toBe(timeless(recorded(name)))
  })

  it('of a dry run', () => {
    const note =
      'Note: No changes made, actual changes may\nbe different due to other states.'
    const ret = new Map([...(changedAndFailed as Dict)])
    const set = (tag: string, fields: Record<string, Plain>): void => {
      const key = [...ret.keys()].find((name) => String(name).includes(tag))
      const body = key === undefined ? undefined : ret.get(key)
      if (key !== undefined && isDict(body)) ret.set(key, new Map([...body, ...(toValue(fields) as Dict)]))
    }
    set('demo-config', {
      result: null,
      comment: `The file /srv/demo-host/demo/app.conf is set to be changed\n${note}`,
    })
    set('demo-dir', {
      result: null,
      comment: 'The following files will be changed:\n/srv/demo-host/demo/d: directory - new\n',
    })
    for (const [tag, command] of [
      ['demo-cmd', 'echo out; echo err >&2'],
      ['demo-ok-cmd', "printf 'line 1\\nline 2\\n'"],
      ['demo-fail', 'echo about to fail; exit 3'],
    ] as const) {
      set(tag, { result: null, changes: {}, comment: `Command "${command}" would have been executed` })
    }
    set('demo-needs-fail', {
      result: null,
      changes: { newfile: '/srv/demo-host/demo/never' },
      comment: `The file /srv/demo-host/demo/never is set to be changed\n${note}`,
    })
    set('demo-test-only', { result: null })
    expect(timeless(full({}, ret))).toBe(timeless(recorded('highstate_test_true.txt')))
  })

  it('that did not compile', () => {
    const text = recorded('state_apply_badjinja.txt')
    const error = text.slice(text.indexOf('    Rendering') + 4).trimEnd()
    expect(full({}, [error]).trimEnd()).toBe(text.trimEnd())
  })

  it('as JSON', () => {
    expect(full({ out: 'json' }).trimEnd()).toBe(recorded('highstate_json.txt').trimEnd())
  })
})

describe('other returns as Salt prints them', () => {
  const nested = (ret: Plain, settings: Partial<OutputSettings> = {}): string =>
    formatHost(
      { id: 'm1', ret: toValue(ret), retcode: 0, format: 'nested' },
      { ...plain, ...settings },
    ).trimEnd()

  it('grains', () => {
    const grains = { os: 'Debian', osrelease: '12' }
    expect(nested(grains)).toBe(recorded('grains_item.txt').trimEnd())
    expect(nested(grains, { color: true })).toBe(recorded('grains_item.ansi').trimEnd())
  })

  it('a ping in every form', () => {
    expect(nested(true, { color: true })).toBe(recorded('ping.ansi').trimEnd())
    expect(nested(true, { out: 'json' })).toBe(recorded('ping_json.txt').trimEnd())
    expect(nested(true, { out: 'yaml' })).toBe(recorded('ping_yaml.txt').trimEnd())
    expect(nested(true, { out: 'txt' })).toBe(recorded('ping_txt.txt').trimEnd())
  })

  it('a command with all its streams', () => {
    const ret = { stdout: 'hello', stderr: 'err', retcode: 2, pid: 6929 }
    expect(nested(ret)).toBe(recorded('cmd_run_all.txt').trimEnd())
  })

  it.each(['state_show_lowstate.txt', 'state_show_sls.txt'])('nested lists: %s', (name) => {
    const text = recorded(name).trimEnd()
    expect(nested(readNested(text))).toBe(text)
  })

  it('of a runner, without a host', () => {
    const value = toValue({ up: ['m1'], down: [] })
    expect(formatValue(value, plain).trimEnd()).toBe(recorded('manage_status.txt').trimEnd())
  })
})

/** Reads Salt's nested form back, far enough for the recordings, to have data that is not ours. */
function readNested(text: string): Plain {
  const lines = text.split('\n').slice(1)
  let at = 0
  const depth = (): number => /^ */.exec(lines[at] ?? '')?.[0].length ?? 0
  const block = (indent: number): Plain => {
    if (lines[at] === `${' '.repeat(indent)}----------`) {
      at++
      const members: Record<string, Plain> = {}
      while (at < lines.length && depth() === indent) {
        const key = (lines[at++] ?? '').trim().slice(0, -1)
        members[key] = block(indent + 4)
      }
      return members
    }
    const items: Plain[] = []
    while (at < lines.length && depth() === indent && /^ *(?:\|_|- )/.test(lines[at] ?? '')) {
      const line = (lines[at++] ?? '').trim()
      items.push(line === '|_' ? block(indent + 2) : line.slice(2))
    }
    if (items.length > 0) return items
    const texts: string[] = []
    while (at < lines.length && depth() >= indent) texts.push((lines[at++] ?? '').slice(indent))
    return texts.join('\n')
  }
  return block(4)
}
