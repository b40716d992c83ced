import { describe, expect, it } from 'vitest'
import { toPlain } from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { pathVariables } from '../../../../shared/render/path-variables.ts'
import { pipelineOf, renderData } from '../../../../shared/render/pipeline.ts'
import { renderTemplate } from '../../../../shared/render/template.ts'

describe('the pipeline', () => {
  const cases: [text: string, file: string, expected: string[]][] = [
    ['a: 1', 'a.sls', ['jinja', 'yaml']],
    ['a: 1', 'a.yaml', ['handlebars', 'yaml']],
    ['#!yaml\na: 1', 'a.sls', ['yaml']],
    ['#! handlebars | yaml \r\na: 1', 'a.sls', ['handlebars', 'yaml']],
    ['\uFEFF#!json\n{}', 'a.yaml', ['json']],
    ['#!/bin/sh\n', 'a.yaml', ['handlebars', 'yaml']],
    ['#!\na: 1', 'a.yaml', ['handlebars', 'yaml']],
  ]
  for (const [text, file, expected] of cases)
    it(JSON.stringify(`${file} ${text}`), () =>
      expect(pipelineOf(text, file, 'jinja|yaml')).toEqual(expected),
    )

  it('reads JSON, with places, and refuses what is not', async () => {
    const request = { file: 'a.json', renderer: 'json', variables: {} }
    const value = await renderData({ ...request, text: '#!json\n{"a": [1, 2.5, "x"]}'.slice(7) })
    expect(toPlain(value)).toEqual({ a: [1, 2.5, 'x'] })
    const error = await renderData({ ...request, text: '{"a": [1,}' }).catch((failure) => failure)
    expect(isTsaltError(error) && [error.code, error.place?.line]).toEqual(['language-json', 1])
  })

  it('of an empty or blank file gives nothing', async () => {
    expect(await renderData({ text: ' \n', file: 'a.yaml', renderer: '', variables: {} })).toBe(null)
  })
})

describe('path variables', () => {
  it('are those of Salt', () => {
    expect(pathVariables('dir.sub', 'dir/sub/init.sls')).toMatchObject({
      slspath: 'dir/sub',
      sls_path: 'dir_sub',
      slsdotpath: 'dir.sub',
      slscolonpath: 'dir:sub',
      tplfile: 'dir/sub/init.sls',
      tpldir: 'dir/sub',
      tpldot: 'dir.sub',
    })
    expect(pathVariables('dir.other', 'dir/other.sls')).toMatchObject({ slspath: 'dir', tpldir: 'dir' })
    expect(pathVariables('top', 'top.sls')).toMatchObject({ slspath: '', tpldir: '.', tpldot: '' })
  })
})

describe('templates of managed files', () => {
  it('are rendered with what the state gives', async () => {
    const request = {
      name: 'salt://redis/redis.conf',
      text: 'port {{port}}\n{{tpldir}}\n',
      variables: { port: 1 },
    }
    expect(await renderTemplate({ ...request, engine: 'handlebars' })).toBe('port 1\nredis\n')
  })

  it("of Jinja too, with the file's own variables", async () => {
    const text = '{% for p in ports %}port {{ p }}\n{% endfor %}{{ tpldir }}\n'
    const request = { name: 'salt://redis/redis.conf', text, variables: { ports: [1, 2] } }
    expect(await renderTemplate({ ...request, engine: 'jinja' })).toBe('port 1\nport 2\nredis\n')
  })

  it('of unknown engines and with unknown names are refused', async () => {
    const codeOf = (engine: string) =>
      renderTemplate({ engine, text: 'a {{ b }}', name: 'x', variables: {} }).catch((error) => error.code)
    expect([await codeOf('jinja'), await codeOf('mako'), await codeOf('yaml')]).toEqual([
      'jinja-undefined',
      'template-engine-unknown',
      'template-engine-unknown',
    ])
  })
})
