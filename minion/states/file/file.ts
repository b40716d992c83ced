/** file.*: files, directories and links. */
import { stateModule } from '../contract.ts'
import { absent } from './absent.ts'
import { accumulated } from './accumulated.ts'
import { append } from './append.ts'
import { blockreplace } from './blockreplace.ts'
import { cached, notCached } from './cached.ts'
import { comment } from './comment.ts'
import { copy } from './copy.ts'
import { decode } from './decode.ts'
import { directory } from './directory.ts'
import { exists } from './exists.ts'
import { hardlink } from './hardlink.ts'
import { keyvalue } from './keyvalue.ts'
import { line } from './line.ts'
import { managed } from './managed.ts'
import { missing } from './missing.ts'
import { mknod } from './mknod.ts'
import { patch } from './patch.ts'
import { prepend } from './prepend.ts'
import { pruned } from './pruned.ts'
import { recurse } from './recurse.ts'
import { rename } from './rename.ts'
import { replace } from './replace.ts'
import { retentionSchedule } from './retention-schedule.ts'
import { serialize } from './serialize.ts'
import { symlink } from './symlink.ts'
import { tidied } from './tidied.ts'
import { touch } from './touch.ts'
import { uncomment } from './uncomment.ts'

export const file = stateModule({
  summary: 'Files, directories and links.',
  functions: {
    managed,
    directory,
    absent,
    symlink,
    recurse,
    replace,
    blockreplace,
    line,
    keyvalue,
    append,
    prepend,
    comment,
    uncomment,
    serialize,
    accumulated,
    patch,
    decode,
    copy,
    rename,
    hardlink,
    touch,
    tidied,
    pruned,
    retention_schedule: retentionSchedule,
    mknod,
    cached,
    not_cached: notCached,
    exists,
    missing,
  },
})
