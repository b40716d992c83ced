/** Execution module `lowpkg`: what the database of packages itself tells. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { type ExecFunction, execFunction, execModule } from './contract.ts'
import { factFunctions, fileDict, fileList, infoInstalled } from './pkg/facts.ts'

/** The same function as one of `pkg`, shown by its own name. */
const named = (name: string, fun: ExecFunction): ExecFunction => ({
  ...fun,
  examples: fun.examples.map((example) => example.replace(/pkg\.\w+/, `lowpkg.${name}`)),
})

export const lowpkgModule = execModule({
  summary: 'The database of packages itself.',
  functions: {
    list_pkgs: execFunction({
      summary: 'Installed packages with their versions.',
      args: v.strictObject({ names: defaulted(textList, [], 'Only these; none: all.') }),
      rest: 'names',
      examples: ["tsalt '*' lowpkg.list_pkgs", "tsalt '*' lowpkg.list_pkgs nginx"],
      readOnly: true,
      run: async ({ names }, { look }) =>
        new Map<string, Plain>(
          [...(await look.packages.installed())]
            .filter(([name]) => names.length === 0 || names.includes(name))
            .sort()
            .map(([name, { version }]) => [name, version]),
        ),
    }),
    file_list: named('file_list', fileList),
    file_dict: named('file_dict', fileDict),
    info: named('info', infoInstalled),
    ...(factFunctions['owner'] && { owner: named('owner', factFunctions['owner']) }),
  },
})
