/** `jinja_env` and `jinja_sls_env`: what they change, and what is refused. */
import { describe, expect, it } from 'vitest'
import type { Value } from '../../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../../shared/errors/error.ts'
import { withEngine } from '../../../../../shared/render/host.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'
import { renderTemplate } from '../../../../../shared/render/template.ts'

async function render(
  text: string,
  options: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, Value>> = {},
): Promise<string> {
  const { text: made } = await renderJinja({ text, file: 'x', variables, host: withEngine({}, options) })
  return made
}

async function refusal(options: Readonly<Record<string, unknown>>): Promise<string> {
  const error = await render('{{ 1 }}', options).catch((thrown: unknown) => thrown)
  return isTsaltError(error) ? `${error.code}: ${error.message} ${error.hint}` : String(error)
}

describe('options of the environment', () => {
  it('change how a template is read', async () => {
    expect(
      await render('{% if true %}\na\n  {% endif %}\nb', { trim_blocks: true, lstrip_blocks: true }),
    ).toBe('a\nb')
    expect(
      await render(
        '<% if true %>${ x }<% endif %>',
        {
          block_start_string: '<%',
          block_end_string: '%>',
          variable_start_string: '${',
          variable_end_string: '}',
        },
        { x: 1 },
      ),
    ).toBe('1')
    expect(
      await render('# for i in [1, 2]\n{{ i }}\n# endfor\n## no\n', {
        line_statement_prefix: '#',
        line_comment_prefix: '##',
      }),
    ).toBe('1\n2\n\n')
    expect(await render('a\n{{ "b" }}\n', { newline_sequence: '\r\n', keep_trailing_newline: true })).toBe(
      'a\r\nb\r\n',
    )
  })

  it('are asked anew for the same text', async () => {
    const text = '{% if true %}\nx{% endif %}'
    expect(await render(text, {})).toBe('\nx')
    expect(await render(text, { TRIM_BLOCKS: true })).toBe('x')
    expect(await render(text, {})).toBe('\nx')
  })

  it('let undefined names print nothing, from the variables too as Salt has it', async () => {
    expect(await render('a{{ b }}', { allow_undefined: true })).toBe('a')
    expect(await render('a{{ b }}', {}, { allow_undefined: true })).toBe('a')
    await expect(render('a{{ b }}', {})).rejects.toSatisfy(isTsaltError)
  })

  it('reach templates of managed files, those without a brace too', async () => {
    const host = withEngine({}, { line_comment_prefix: '##' })
    expect(await renderTemplate({ engine: 'jinja', text: 'a ## b', name: 'x', variables: {}, host })).toBe(
      'a',
    )
  })

  it('that do not exist or do not fit are refused', async () => {
    expect(await refusal({ trim_block: true })).toMatch(
      /^jinja-option-unknown: .*"trim_block".*"trim_blocks"/,
    )
    expect(await refusal({ trim_blocks: 'yes' })).toMatch(/^jinja-option-invalid: .*true or false/)
    expect(await refusal({ block_start_string: '' })).toMatch(/^jinja-option-invalid: .*not empty/)
    expect(await refusal({ newline_sequence: 'x' })).toMatch(/^jinja-option-invalid/)
    expect(await refusal({ variable_start_string: '{%' })).toMatch(/^jinja-option-invalid: .*different/)
  })
})
