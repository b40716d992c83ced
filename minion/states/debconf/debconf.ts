/** debconf.*: answers to the questions that packages of Debian ask. */
import { stateModule } from '../contract.ts'
import { set } from './set.ts'
import { setFile } from './set-file.ts'

export const debconf = stateModule({
  summary: 'Answers to the questions that packages of Debian ask.',
  functions: { set, set_file: setFile },
})
