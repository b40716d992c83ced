/**
 * Guards that a dry run may execute because they can't change anything: simple commands (no expansion, no
 * redirection but to /dev/null) of programs that only look, joined by |, && or ||.
 */
const lookers: ReadonlySet<string> = new Set([
  ...[
    'test',
    '[',
    'true',
    'false',
    'grep',
    'egrep',
    'fgrep',
    'cat',
    'ls',
    'stat',
    'readlink',
    'realpath',
    'head',
  ],
  ...['tail', 'wc', 'cut', 'which', 'id', 'getent', 'uname', 'pgrep', 'dpkg-query'],
  ...[
    'diff',
    'cmp',
    'md5sum',
    'sha256sum',
    'sha1sum',
    'echo',
    'printf',
    'lsmod',
    'findmnt',
    'df',
    'basename',
    'dirname',
  ],
])

/** Programs of which only some first words look. */
const lookingWords: Readonly<Record<string, ReadonlySet<string>>> = {
  command: new Set(['-v', '-V']),
  dpkg: new Set(['-s', '-l', '-L', '-S', '--status', '--list', '--compare-versions']),
  systemctl: new Set([
    'is-active',
    'is-enabled',
    'is-failed',
    'status',
    'show',
    'cat',
    'list-units',
    'list-unit-files',
  ]),
  git: new Set(['rev-parse', 'show-ref', 'ls-files', 'describe']),
  rpm: new Set(['-q', '-qa', '-V']),
}

const plainWord = /^(?:[\w@%+=:,./~^[\]{}!*?#-]|\\.)+$/

export function isPureCommand(command: string): boolean {
  if (command.includes('\n')) return false
  const quieted = command.replace(/\s+(?:[12&]?>\s*\/dev\/null|2>&1)(?=\s|$)/g, ' ')
  return quieted.split(/\|\||&&|\|/).every((part) => isPureSimpleCommand(part.trim().replace(/^!\s+/, '')))
}

function isPureSimpleCommand(part: string): boolean {
  const words = splitWords(part)
  if (!words || words.length === 0) return false
  const program = (words[0] ?? '').replace(/^\/(?:usr\/)?s?bin\//, '')
  if (lookers.has(program)) return true
  return lookingWords[program]?.has(words[1] ?? '') ?? false
}

/** Words of a simple command; undefined where the shell would do more than split (expansion, redirection, …). */
function splitWords(part: string): string[] | undefined {
  const words: string[] = []
  const pattern = /\s*(?:'([^']*)'|"([^"$`\\]*)"|([^\s'"]+))/gy
  let at = 0
  while (at < part.trimEnd().length) {
    pattern.lastIndex = at
    const match = pattern.exec(part)
    if (!match) return undefined
    const bare = match[3]
    if (bare !== undefined && !plainWord.test(bare)) return undefined
    words.push(match[1] ?? match[2] ?? bare ?? '')
    at = pattern.lastIndex
  }
  return words
}
