/** file.accumulated: texts of several states that one file brings together. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { lines } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { failed, inSync, stateFunction } from '../contract.ts'
import { accumulate } from './accumulators.ts'

export const accumulated = stateFunction({
  summary: 'Gathers texts for a file that a later state of the run writes.',
  args: v.strictObject({
    name: needed(
      nonEmptyText,
      'The accumulator: `accumulator[NAME]` is its list of texts in the template of the file.',
    ),
    filename: needed(absolutePath, 'The file, which file.managed or file.blockreplace writes.'),
    text: needed(lines, 'What is added to the list; each item once.'),
  }),
  examples: [
    'backends:\n  file.accumulated:\n    - filename: /etc/haproxy/haproxy.cfg\n    - text: server web1 10.0.0.1:80\n    - require_in:\n      - file: /etc/haproxy/haproxy.cfg\n\n/etc/haproxy/haproxy.cfg:\n  file.managed:\n    - source: salt://haproxy/haproxy.cfg\n    - template: jinja\n',
  ],
  async check({ name, filename, text }, _look, run) {
    if (accumulate(filename, name, text, run))
      return inSync(`Accumulator ${name} for file ${filename} was charged by text`)
    return failed(
      `Orphaned accumulator ${name} in ${run.sls}:${run.id}: ${filename} was written before`,
      'Let this state name the file in "require_in", so that the file comes after it.',
    )
  },
})
