/** Execution module `slsutil`: data put together, files of the tree looked for and rendered. */
import * as v from 'valibot'
import type { Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { pureFunctions } from './pure-function.ts'
import { treePaths } from './tree-paths.ts'

const mergeOptions = {
  'strategy?': 'smart (the default), recurse, aggregate, list, overwrite or none.',
  'renderer?': 'Accepted and not used.',
  'merge_lists?': 'Lists are put together, default False.',
}
const treePath = v.strictObject({
  path: needed(text, 'Path in the tree.'),
  saltenv: defaulted(text, 'base', 'Environment of the tree.'),
})

function question(name: string, summary: string, holds: (paths: readonly string[], path: string) => boolean) {
  return execFunction({
    summary,
    args: treePath,
    examples: [`tsalt '*' slsutil.${name} nginx/init.sls`],
    readOnly: true,
    run: async ({ path, saltenv }, { look }) =>
      holds(await treePaths(look, saltenv), path.replace(/^(?:salt:\/\/)?\/*/, '').replace(/\/+$/, '')),
  })
}

const isFile = (paths: readonly string[], path: string): boolean => paths.includes(path)
const isFolder = (paths: readonly string[], path: string): boolean =>
  paths.some((one) => one.startsWith(`${path}/`))

export const slsutilModule = execModule({
  summary: 'Data put together, files of the tree looked for and rendered.',
  functions: {
    renderer: execFunction({
      summary: 'The data that a file or a text renders to.',
      args: v.strictObject({
        path: optional(text, 'The file: `salt://path` or an absolute path.'),
        string: optional(text, 'The text, in place of a file.'),
        default_renderer: defaulted(text, 'jinja|yaml', 'Pipeline where the first line names none.'),
        saltenv: defaulted(text, 'base', 'Environment of the tree.'),
        variables: optional(mapping, 'Any other argument is a variable of the template.'),
      }),
      restKeywords: 'variables',
      examples: [
        'tsalt web1 slsutil.renderer salt://nginx/map.jinja',
        "tsalt web1 slsutil.renderer string='a: 1'",
      ],
      readOnly: true,
      run: async ({ path, string, default_renderer, saltenv, variables }, { look }) => {
        if (look.sources.load === undefined || (path === undefined && string === undefined))
          throw new TsaltError('function-failed', {
            fun: 'slsutil.renderer',
            reason: 'it needs a path or a string',
          })
        const content = path === undefined ? undefined : (await look.sources.fetch(path, saltenv)).content
        const source = {
          text: content === undefined ? (string ?? '') : Buffer.from(content).toString('utf8'),
          name: path ?? 'string',
          environment: saltenv,
          sls: '',
        }
        const context: Record<string, Value> = Object.create(null)
        for (const [name, value] of variables ?? []) context[String(name)] = value
        return look.sources.load(default_renderer, source, context)
      },
    }),
    file_exists: question('file_exists', 'True where the tree has the file.', isFile),
    dir_exists: question('dir_exists', 'True where the tree has the folder.', isFolder),
    path_exists: question(
      'path_exists',
      'True where the tree has a file or folder of that path.',
      (paths, path) => isFile(paths, path) || isFolder(paths, path),
    ),
    ...pureFunctions('slsutil', {
      merge: {
        summary: 'Two mappings put together.',
        args: { obj_a: 'The mapping.', obj_b: 'What wins.', ...mergeOptions },
        example: `tsalt '*' slsutil.merge '{"a": 1}' '{"b": 2}'`,
      },
      merge_all: {
        summary: 'Mappings put together, the last wins.',
        args: { lst: 'List of mappings.', ...mergeOptions },
        example: `tsalt '*' slsutil.merge_all '[{"a": 1}, {"b": 2}]'`,
      },
      update: {
        summary: 'A mapping with another put over it.',
        args: {
          dest: 'The mapping.',
          upd: 'What wins.',
          'recursive_update?': 'Mappings inside too, default True.',
          'merge_lists?': 'Lists are put together, default False.',
        },
        example: `tsalt '*' slsutil.update '{"a": 1}' '{"b": 2}'`,
      },
      boolstr: {
        summary: 'One text for what is true, another for what is not.',
        args: { value: 'The value.', 'true?': 'Default `true`.', 'false?': 'Default `false`.' },
        example: "tsalt '*' slsutil.boolstr 1 yes no",
      },
    }),
    serialize: execFunction({
      summary: 'Data as text.',
      args: v.strictObject({
        serializer: needed(text, '`json` or `yaml`.'),
        obj: needed(v.any() as v.GenericSchema<unknown, Value>, 'The data.'),
        options: optional(mapping, 'Any other argument: `indent`, `sort_keys`, `default_flow_style`.'),
      }),
      restKeywords: 'options',
      examples: [`tsalt '*' slsutil.serialize json '{"a": 1}'`],
      readOnly: true,
      run: async ({ serializer, obj, options }) => callWith('slsutil.serialize', serializer, obj, options),
    }),
    deserialize: execFunction({
      summary: 'The data that a text says.',
      args: v.strictObject({
        serializer: needed(text, '`json` or `yaml`.'),
        stream_or_string: needed(text, 'The text.'),
        options: optional(mapping, 'Any other argument.'),
      }),
      restKeywords: 'options',
      examples: [`tsalt '*' slsutil.deserialize json '"a text"'`],
      readOnly: true,
      run: async ({ serializer, stream_or_string, options }) =>
        callWith('slsutil.deserialize', serializer, stream_or_string, options),
    }),
  },
})

async function callWith(
  fun: string,
  serializer: string,
  value: Value,
  options: ReadonlyMap<unknown, Value> | undefined,
): Promise<Value> {
  const { callPure } = await import('../../shared/render/jinja/call-pure.ts')
  const keywords = new Map([...(options ?? [])].map(([name, option]) => [String(name), option]))
  return callPure(fun, [serializer, value], keywords, {})
}
