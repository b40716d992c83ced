/** What the undo journal remembers: for each change, the state before it. One entry is one line of JSON. */
import * as v from 'valibot'

const path = v.string()
const id = v.pipe(v.number(), v.integer())
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const Owned = { path, mode: id, uid: id, gid: id }

/** A command with what it takes; what it reads may be secret, which is why nobody but root reads the journal. */
const Step = v.object({
  argv: v.array(v.string()),
  cwd: v.exactOptional(v.string()),
  runas: v.exactOptional(v.string()),
  group: v.exactOptional(v.string()),
  env: v.exactOptional(v.record(v.string(), v.string())),
  stdin: v.exactOptional(v.string()),
  umask: v.exactOptional(id),
})

export const UndoEntry = v.variant('kind', [
  /** Nothing was there; `after` is the hash of the file that was made, where one was. */
  v.object({ kind: v.literal('absent'), path, after: v.optional(hash) }),
  /** A regular file was there, with this content. */
  v.object({ kind: v.literal('file'), ...Owned, content: hash, after: v.optional(hash) }),
  v.object({ kind: v.literal('directory'), ...Owned }),
  v.object({
    kind: v.literal('symlink'),
    path,
    target: v.string(),
    uid: id,
    gid: id,
    after: v.optional(hash),
  }),
  /** Only mode and owner of what is there change; `content` of a file with set-user-id or set-group-id. */
  v.object({ kind: v.literal('attributes'), ...Owned, content: v.optional(hash) }),
  /** Only its times change; milliseconds since the epoch. */
  v.object({ kind: v.literal('times'), path, accessed: v.number(), modified: v.number() }),
  /** What is at `path` now was at `from`, and is the file of this identity. */
  v.object({ kind: v.literal('moved'), path, from: path, identity: v.string() }),
  v.object({
    kind: v.literal('service'),
    name: v.string(),
    running: v.boolean(),
    enabled: v.boolean(),
    masked: v.boolean(),
  }),
  /** Versions before; null: not installed. Written before the transaction for what was asked, after it for all. */
  v.object({
    kind: v.literal('packages'),
    before: v.record(v.string(), v.nullable(v.string())),
    /** Those of which only the configuration was there. */
    left: v.optional(v.array(v.string())),
  }),
  v.object({ kind: v.literal('held'), before: v.record(v.string(), v.boolean()) }),
  /** JSON text of the account or group before; null: it did not exist. */
  v.object({
    kind: v.literal('account'),
    what: v.picklist(['user', 'group']),
    name: v.string(),
    before: v.nullable(v.string()),
    /** Name of the user's primary group, which may go with the user. */
    primary: v.optional(v.string()),
  }),
  /** A command that says how it is taken back; written before it runs. `did`: what brings its effect again. */
  v.object({
    kind: v.literal('command'),
    id: v.string(),
    what: v.string(),
    did: v.array(Step),
    steps: v.array(Step),
  }),
  /** How that command ended: without it, or with another code than 0, its steps may not be run. */
  v.object({ kind: v.literal('command-ended'), id: v.string(), code: id }),
  /** Something ran or changed that cannot be put back. */
  v.object({ kind: v.literal('lost'), what: v.string(), why: v.string() }),
])
export type UndoEntry = v.InferOutput<typeof UndoEntry>
