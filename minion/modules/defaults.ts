/** Execution module `defaults`: mappings put together as templates do it. */
import { execModule } from './contract.ts'
import { pureFunctions } from './pure-function.ts'

const options = {
  'merge_lists?': 'Lists are put together.',
  'in_place?': 'Accepted: what is given from here is never changed.',
  'convert_none?': 'Nothing counts as an empty mapping.',
}

export const defaultsModule = execModule({
  summary: 'Mappings put together.',
  functions: pureFunctions('defaults', {
    merge: {
      summary: 'A mapping with another merged over it.',
      args: { dest: 'The mapping.', src: 'What wins.', ...options },
      example: `tsalt '*' defaults.merge '{"a": 1}' '{"b": 2}'`,
    },
    update: {
      summary: 'Each mapping inside one, with what it lacks taken from the defaults.',
      args: { dest: 'The mapping of mappings.', defaults: 'What fills up.', ...options },
      example: `tsalt '*' defaults.update '{"x": {"a": 1}}' '{"b": 2}'`,
    },
    deepcopy: {
      summary: 'The value itself, as a copy.',
      args: { source: 'The value.' },
      example: `tsalt '*' defaults.deepcopy '{"a": 1}'`,
    },
  }),
})
