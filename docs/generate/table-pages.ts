/** docs/reference/errors.md and docs/reference/configuration.md. */
import { commonOptions } from '../../shared/config/common-options.ts'
import { masterOptions } from '../../shared/config/master-options.ts'
import { minionOptions } from '../../shared/config/minion-options.ts'
import type { OptionTable } from '../../shared/config/option.ts'
import type { ErrorDefinition } from '../../shared/errors/definition.ts'
import { errorCodes, retired } from '../../shared/errors/registry.ts'
import { cell, typeWords, writeValue } from './arguments.ts'
import { generatedNote } from './function-pages.ts'

export function errorsPage(): string {
  const codes: Readonly<Record<string, ErrorDefinition>> = errorCodes
  const sections = Object.keys(codes)
    .sort()
    .map((code) => errorSection(code, codes[code]))
  const gone = retired.length > 0 ? `\nRetired codes, never used again: ${retired.join(', ')}\n` : ''
  return `${generatedNote}\n\n# Error codes

Every error that a user sees carries one of these codes in brackets. "Exit" is the exit code of a command that ends with
it, "HTTP" the status at the API. Words in braces are filled in.

${sections.join('\n')}${gone}`
}

function errorSection(code: string, definition: ErrorDefinition | undefined): string {
  if (!definition) return ''
  const { message, hint, exit, http } = definition
  const advice = hint === undefined ? '' : `\n${escapeBraces(hint)}\n`
  return `## ${code}\n\n> ${escapeBraces(message)}\n${advice}\nExit ${exit} · HTTP ${http}\n`
}

const escapeBraces = (text: string): string => text.replace(/</g, '&lt;')

export function configurationPage(): string {
  const only = (table: OptionTable): [string, OptionTable[string]][] =>
    Object.entries(table).filter(([name]) => !Object.hasOwn(commonOptions, name))
  const ofBoth = Object.fromEntries(
    Object.entries(masterOptions).filter(([name]) => Object.hasOwn(commonOptions, name)),
  )
  return `${generatedNote}\n\n# Configuration

The master reads \`/etc/tsalt/master\` and then \`/etc/tsalt/master.d/*.conf\` in order; the minion \`/etc/tsalt/minion\` and
\`/etc/tsalt/minion.d/*.conf\`. Later files win. All are YAML; an option that does not exist is an error.

What has "yes" under "reload" the master takes over while it runs, by \`systemctl reload tsalt-master\` or
\`tsalt-run config.reload\` (see [the configuration read again](../guide/access.md#the-configuration-read-again)); the rest, and
everything of the minion, holds after a restart.

## Of both

${optionTable(Object.entries({ ...commonOptions, ...ofBoth }))}
## Of the master

${optionTable(only(masterOptions))}
## Of the minion

${optionTable(only(minionOptions))}`
}

function optionTable(options: readonly (readonly [string, OptionTable[string]])[]): string {
  const rows = [...options]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, option]) => {
      const type = option.path ? 'path' : typeWords(option.schema)
      const reload = option.reload === true ? 'yes' : ''
      return `| \`${name}\` | ${cell(type)} | ${cell(writeValue(option.default))} | ${reload} | ${cell(option.doc)} |`
    })
  return ['| option | type | default | reload | |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n')
}
