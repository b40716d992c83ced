/** docs/reference/handlebars.md: variables, helpers and blocks of templates, from the helpers' own declarations. */
import { valueHelpers } from '../../shared/render/handlebars/helpers.ts'

const blocks: readonly (readonly [string, string])[] = [
  [
    '{{#if value}} … {{else}} … {{/if}}',
    'Where the value is not empty. Empty lists and mappings are empty, as in Python.',
  ],
  ['{{#unless value}} … {{/unless}}', 'Where the value is empty.'],
  [
    '{{#each value}} … {{else}} … {{/each}}',
    'For each item of a list or mapping, in its order, with `this`, `@key`, `@index`, `@first`, `@last`.',
  ],
  ['{{#with value}} … {{/with}}', 'With the value as the context.'],
  ['{{{{raw}}}} … {{{{/raw}}}}', 'Text that is not read as a template.'],
  [
    '{{> path/to/file}}',
    'Another template of the tree, by its path; `./name` beside this one; `.hbs` may be left out.',
  ],
]

const variables: readonly (readonly [string, string])[] = [
  ['pillar, grains, opts', 'As mappings: `{{pillar.redis.port}}`.'],
  ['id', "The minion's id."],
  ['sls, slspath, slsdotpath, slscolonpath, sls_path', 'Name and folder of the SLS.'],
  ['tplfile, tpldir, tpldot, tplpath', 'Path and folder of the template.'],
  ['saltenv', 'The environment.'],
]

export function handlebarsPage(): string {
  const helpers = Object.values(valueHelpers).map(({ usage, summary }) => [`{{${usage}}}`, summary] as const)
  return `# Handlebars in tsalt

Files named \`*.yaml\`, files whose first line is \`#!handlebars|yaml\`, and managed files with \`template: handlebars\` are
Handlebars templates. They are strict: what is not defined is an error with its place. Nothing is escaped, as the output
is no HTML. True and False print as \`true\` and \`false\`.

## Variables

${table('variable', variables)}
A managed file also sees the state's \`context\` and \`defaults\`.

## Helpers

As \`{{helper argument}}\`, or in parentheses inside another call: \`{{#if (eq grains.os 'Debian')}}\`.

${table('helper', helpers)}
## Blocks

${table('block', blocks)}`
}

function table(title: string, rows: readonly (readonly [string, string])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const lines = rows.map(([name, meaning]) => `| \`${cell(name)}\` | ${cell(meaning)} |`)
  return `| ${title} | meaning |\n|---|---|\n${lines.join('\n')}\n`
}
