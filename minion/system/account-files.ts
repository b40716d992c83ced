/**
 * Users and groups from /etc/passwd and /etc/group, parsed once and again when the files change; names that
 * are not in the files are asked of NSS (`getent`), where /etc/nsswitch.conf names more than the files.
 */
import { execFile } from 'node:child_process'
import * as fs from 'node:fs'

export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** The whole field: `Full Name,room,work phone,home phone,other`. */
  readonly fullname: string
  readonly home: string
  readonly shell: string
}

export interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

interface Table<Entry> {
  readonly byName: ReadonlyMap<string, Entry>
  readonly byId: ReadonlyMap<number, Entry>
  readonly all: readonly Entry[]
}

const identifier = /^[^\s:/]{1,256}$/

export class AccountFiles {
  readonly #passwd: CachedFile<Table<PasswdEntry>>
  readonly #group: CachedFile<Table<GroupEntry>>
  readonly #shadow: CachedFile<ReadonlyMap<string, string>>
  readonly #nss: { readonly passwd: boolean; readonly group: boolean }
  /** Answers of getent, also that there is none; forgotten when the files change or `forget` is called. */
  #asked = new Map<string, string | undefined>()

  /** `root` is put before /etc, for tests and for other roots; NSS is asked only without one. */
  constructor(root = '') {
    const forget = () => this.forget()
    this.#passwd = new CachedFile(`${root}/etc/passwd`, (text) => table(text, parsePasswd, 'uid'), forget)
    this.#group = new CachedFile(`${root}/etc/group`, (text) => table(text, parseGroup, 'gid'), forget)
    this.#shadow = new CachedFile(`${root}/etc/shadow`, parseShadow, forget)
    this.#nss = root === '' ? nssBeyondFiles() : { passwd: false, group: false }
  }

  forget(): void {
    this.#asked = new Map()
    this.#passwd.lookAgain()
    this.#group.lookAgain()
    this.#shadow.lookAgain()
  }

  allUsers(): readonly PasswdEntry[] {
    return this.#passwd.value().all
  }

  allGroups(): readonly GroupEntry[] {
    return this.#group.value().all
  }

  async user(key: string | number): Promise<PasswdEntry | undefined> {
    const { byName, byId } = this.#passwd.value()
    const found = typeof key === 'number' ? byId.get(key) : byName.get(key)
    if (found || !this.#nss.passwd) return found
    return parsePasswd((await this.#getent('passwd', key)) ?? '')
  }

  async group(key: string | number): Promise<GroupEntry | undefined> {
    const { byName, byId } = this.#group.value()
    const found = typeof key === 'number' ? byId.get(key) : byName.get(key)
    if (found || !this.#nss.group) return found
    return parseGroup((await this.#getent('group', key)) ?? '')
  }

  /** The name of a uid, without a promise where the files know it. */
  userName(uid: number): string | Promise<string> {
    const known = this.#passwd.value().byId.get(uid)?.name
    if (known !== undefined) return known
    if (!this.#nss.passwd) return String(uid)
    return this.user(uid).then((entry) => entry?.name ?? String(uid))
  }

  groupName(gid: number): string | Promise<string> {
    const known = this.#group.value().byId.get(gid)?.name
    if (known !== undefined) return known
    if (!this.#nss.group) return String(gid)
    return this.group(gid).then((entry) => entry?.name ?? String(gid))
  }

  /** Groups of the group file that list the user as a member, sorted by name; the primary one only if it does. */
  supplementary(user: string): GroupEntry[] {
    return this.#group
      .value()
      .all.filter((entry) => entry.members.includes(user))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** undefined where the shadow file can't be read or does not have the user. */
  passwordHash(user: string): string | undefined {
    return this.#shadow.value().get(user)
  }

  async #getent(database: 'passwd' | 'group', key: string | number): Promise<string | undefined> {
    const name = String(key)
    if (!identifier.test(name)) return undefined
    const cached = `${database} ${name}`
    if (!this.#asked.has(cached)) this.#asked.set(cached, await getent(database, name))
    return this.#asked.get(cached)
  }
}

function getent(database: string, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }
    // A name service that hangs must not hang the run: the number is shown then.
    execFile('getent', ['--', database, name], { timeout: 5_000, env: environment }, (error, stdout) =>
      resolve(error ? undefined : stdout.split('\n', 1)[0]),
    )
  })
}

/** A parsed file, read again when its inode, size or time of change is another. */
class CachedFile<Content> {
  readonly #path: string
  readonly #parse: (text: string) => Content
  readonly #changed: () => void
  #stamp: string | undefined
  #content: Content | undefined
  /** Looked at in this turn of the event loop: names of a hundred thousand files in a row need one look. */
  #isFresh = false

  constructor(path: string, parse: (text: string) => Content, changed: () => void) {
    this.#path = path
    this.#parse = parse
    this.#changed = changed
  }

  /** The next question looks at the file again. */
  lookAgain(): void {
    this.#isFresh = false
  }

  value(): Content {
    if (this.#isFresh && this.#content !== undefined) return this.#content
    this.#isFresh = true
    setImmediate(() => this.lookAgain()).unref()
    const stat = fs.statSync(this.#path, { throwIfNoEntry: false, bigint: true })
    const stamp = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : 'none'
    if (this.#content === undefined || stamp !== this.#stamp) {
      this.#content = this.#parse(readOrEmpty(this.#path))
      this.#stamp = stamp
      this.#changed()
    }
    return this.#content
  }
}

function readOrEmpty(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    // No such file in a bare container, no right to read the shadow file: nothing is known then.
    return ''
  }
}

function table<Entry extends { readonly name: string }, Id extends keyof Entry>(
  text: string,
  parse: (line: string) => Entry | undefined,
  id: Id,
): Table<Entry> {
  const byName = new Map<string, Entry>()
  const byId = new Map<number, Entry>()
  for (const line of text.split('\n')) {
    const entry = parse(line)
    if (!entry || byName.has(entry.name)) continue
    byName.set(entry.name, entry)
    const number = Number(entry[id])
    if (!byId.has(number)) byId.set(number, entry)
  }
  return { byName, byId, all: [...byName.values()] }
}

function parsePasswd(line: string): PasswdEntry | undefined {
  const [name = '', , uid = '', gid = '', gecos = '', home = '', shell = ''] = line.split(':')
  if (!identifier.test(name) || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined
  return { name, uid: Number(uid), gid: Number(gid), fullname: gecos, home, shell }
}

function parseGroup(line: string): GroupEntry | undefined {
  const [name = '', , gid = '', members = ''] = line.split(':')
  if (!identifier.test(name) || !/^\d+$/.test(gid)) return undefined
  return { name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') }
}

function parseShadow(text: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [name, hash] = line.split(':')
    if (name && hash !== undefined && !hashes.has(name)) hashes.set(name, hash)
  }
  return hashes
}

function nssBeyondFiles(): { readonly passwd: boolean; readonly group: boolean } {
  const text = readOrEmpty('/etc/nsswitch.conf')
  const beyond = (database: string) => {
    const line = new RegExp(`^\\s*${database}:([^#\\n]*)`, 'm').exec(text)?.[1] ?? ''
    return line
      .split(/\s+/)
      .some((source) => /^[a-z]/.test(source) && source !== 'files' && source !== 'compat')
  }
  return { passwd: beyond('passwd'), group: beyond('group') }
}
