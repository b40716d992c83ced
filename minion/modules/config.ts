/** Execution module `config`: a setting, wherever it is set. */
import * as v from 'valibot'
import { execFunction, execModule } from './contract.ts'
import { pureFunctions } from './pure-function.ts'

export const configModule = execModule({
  summary: 'Settings, wherever they are set.',
  functions: {
    ...pureFunctions('config', {
      get: {
        summary:
          "A setting from the minion's configuration, else its grains, else its pillar, else the default.",
        args: {
          key: 'Name of a setting, `a:b` for one inside another.',
          'default?': 'Answer where there is none.',
          'delimiter?': 'What separates the steps of a key, default `:`.',
          'merge?': 'recurse or overwrite: mappings of all places are put together, the first place wins.',
          'omit_opts?': 'Leaves out the configuration.',
          'omit_pillar?': 'Leaves out the pillar.',
          'omit_master?': "Leaves out the master's options in the pillar.",
          'omit_grains?': 'Leaves out the grains.',
        },
        example: "tsalt '*' config.get master",
      },
      option: {
        summary: "A setting from the minion's configuration, else its pillar, else the default.",
        args: {
          value: 'Name of a setting, `a:b` for one inside another.',
          'default?': 'Answer where there is none.',
          'omit_opts?': 'Leaves out the configuration.',
          'omit_pillar?': 'Leaves out the pillar.',
          'omit_master?': "Leaves out the master's options in the pillar.",
        },
        example: "tsalt '*' config.option root_dir",
      },
    }),
    items: execFunction({
      summary: "The minion's whole configuration.",
      args: v.strictObject({}),
      examples: ["tsalt '*' config.items"],
      readOnly: true,
      run: async (_, { config }) => config,
    }),
  },
})
