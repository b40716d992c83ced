/** file.*: files, directories and links. */
import { stateModule } from '../contract.ts'
import { absent } from './absent.ts'
import { append } from './append.ts'
import { directory } from './directory.ts'
import { managed } from './managed.ts'
import { recurse } from './recurse.ts'
import { symlink } from './symlink.ts'

export const file = stateModule({
  summary: 'Files, directories and links.',
  functions: { managed, directory, absent, symlink, recurse, append },
})
