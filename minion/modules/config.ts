/** Execution module `config`: a setting, wherever it is set. */
import * as v from 'valibot'
import { traverse } from '../../shared/data/value.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'

const key = needed(text, 'Name of a setting, `a:b` for one inside another.')

export const configModule = execModule({
  summary: 'Settings, wherever they are set.',
  functions: {
    get: execFunction({
      summary:
        "A setting from the minion's configuration, else its grains, else its pillar, else the default.",
      args: v.strictObject({ key, default: defaulted(anything, '', 'Answer where there is none.') }),
      examples: ["tsalt '*' config.get master"],
      readOnly: true,
      run: async (args, { config, look }) =>
        [config, look.grains, look.pillar]
          .map((source) => traverse(source, args.key))
          .find((found) => found !== undefined) ?? args.default,
    }),
    option: execFunction({
      summary: "A setting from the minion's configuration alone.",
      args: v.strictObject({ key, default: defaulted(anything, '', 'Answer where there is none.') }),
      examples: ["tsalt '*' config.option root_dir"],
      readOnly: true,
      run: async (args, { config }) => traverse(config, args.key) ?? args.default,
    }),
  },
})
