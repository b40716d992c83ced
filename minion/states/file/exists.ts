/** file.exists: refuses to go on without this path. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { failed, inSync, stateFunction, unknown } from '../contract.ts'
import { mayMake } from './edit.ts'

export const exists = stateFunction({
  summary: 'Fails where there is nothing at this path; makes nothing.',
  args: v.strictObject({
    name: needed(absolutePath, 'What has to be there: a file, a directory, or a link to one.'),
  }),
  examples: ['/etc/krb5.keytab:\n  file.exists: []\n'],
  async check({ name }, look, run) {
    if (await look.files.infoFollowed(name)) return inSync(`Path ${name} exists`)
    if (run.test && run.predicted.some((one) => mayMake(name, one)))
      return unknown(`${name} does not exist yet; an earlier state may make it`)
    return failed(`Specified path ${name} does not exist`)
  },
})
