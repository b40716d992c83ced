/** apache.configfile: a file of Apache's configuration made of data. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { drift, inSync, stateFunction, stateModule } from '../contract.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import { configurationText } from './configuration.ts'

const configfile = stateFunction({
  summary: "Makes sure that a file of Apache's configuration says what the data says.",
  args: v.strictObject({
    name: needed(absolutePath, 'The file.'),
    config: needed(
      anything,
      'A list of directives; a section is a mapping, or a list of them, with what it is for under `this`.',
    ),
  }),
  examples: [
    "/etc/apache2/sites-available/example.conf:\n  apache.configfile:\n    - config:\n      - VirtualHost:\n          this: '*:80'\n          ServerName: example.org\n          Directory:\n            this: /srv/www\n            Require: all granted\n",
  ],
  refuse: ({ config }) =>
    configurationText(config) === undefined
      ? { argument: 'config', reason: 'a list of mappings is expected' }
      : undefined,
  async check({ name, config }, look) {
    const text = configurationText(config) ?? ''
    const file = await readTextFile(name, look)
    if (file.kind !== 'text') return file
    if (file.text.trim() === text.trim() && file.info) return inSync('Configuration is up to date.')
    const comments = { would: 'Configuration will update.', done: 'Successfully created configuration.' }
    return drift({ old: file.text, new: text }, comments, (act) =>
      writeTextFile(file, `${text}\n`, act, { mode: 0o644 }),
    )
  },
})

export const apache = stateModule({
  summary: 'Files of the configuration of Apache.',
  functions: { configfile },
})
