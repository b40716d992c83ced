/** Opens PGP messages with the system's gpg and a folder of keys. The clear text is never written anywhere. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { TsaltError } from '../errors/error.ts'
import { type GroupResult, runGroup } from '../process-group.ts'
import { childEnvironment } from './child-environment.ts'

const longestOutput = 4 * 1024 * 1024
/** Milliseconds; the agent is started by the first call. */
const timeout = 30_000

/** @throws TsaltError `cipher-key-missing`, `cipher-failed` */
export async function openGpg(folder: string, block: string): Promise<string> {
  requireOwnFolder(folder)
  const result = await run(folder, block)
  if (result.timedOut) throw failed(`gpg did not answer within ${timeout / 1000} s`)
  if (result.dropped > 0) throw failed(`the clear text is longer than ${longestOutput} bytes`)
  const status = statusOf(result.stderr)
  if (status.has('DECRYPTION_OKAY') && result.code === 0) return result.stdout
  const keys = status.get('NO_SECKEY') ?? []
  if (keys.length > 0 && !status.has('DECRYPTION_OKAY'))
    throw new TsaltError(
      'cipher-key-missing',
      { cipher: 'gpg', keys: keys.map((line) => line.split(' ')[0] ?? '').join(', '), where: folder },
      { hint: keysHint(folder) },
    )
  throw failed(reasonOf(result, status), keysHint(folder))
}

/** As age's file of keys: who could read keys, or write what gpg is told by its folder, would have the secrets. */
function requireOwnFolder(folder: string): void {
  const home = statSync(folder, { throwIfNoEntry: false })
  if (home === undefined) throw failed(`there is no folder of keys ${folder}`, keysHint(folder))
  const keys = join(folder, 'private-keys-v1.d')
  const stored = statSync(keys, { throwIfNoEntry: false })
  const isOpen =
    (home.mode & 0o022) !== 0 || ((home.mode & 0o011) !== 0 && ((stored?.mode ?? 0) & 0o077) !== 0)
  if (!isOpen) return
  const hint = `Run: chmod go-rwx ${folder} ${keys}`
  throw new TsaltError('cipher-keys-loose', { file: folder }, { hint })
}

function run(folder: string, block: string): Promise<GroupResult> {
  const argv = [
    '--homedir',
    folder,
    '--batch',
    '--no-tty',
    '--pinentry-mode',
    'error',
    '--status-fd',
    '2',
    '--lock-never',
  ]
  const more = ['--no-random-seed-file', '--trust-model', 'always', '--decrypt']
  return runGroup(['gpg', ...argv, ...more], {
    cwd: '/',
    env: childEnvironment,
    stdinContent: `${block}\n`,
    maxOutput: longestOutput,
    timeout,
  }).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'the program gpg is not installed' : String(error)
    throw failed(reason, 'Install it (Debian: apt install gpg), or encrypt the values with age.')
  })
}

/** Lines of the form `[GNUPG:] WORD more`, by their word. */
function statusOf(stderr: string): Map<string, string[]> {
  const status = new Map<string, string[]>()
  for (const [, word = '', rest = ''] of stderr.matchAll(/^\[GNUPG:\] (\w+) ?(.*)$/gm))
    status.set(word, [...(status.get(word) ?? []), rest])
  return status
}

function reasonOf({ stderr, code }: GroupResult, status: ReadonlyMap<string, readonly string[]>): string {
  if (status.has('NODATA')) return 'it is no PGP message, or was cut'
  if (status.has('MISSING_PASSPHRASE') || /failed: No pinentry/.test(stderr))
    return 'its key has a passphrase, and nobody is there to type it'
  if (status.has('DECRYPTION_OKAY')) return 'it is damaged'
  const said = stderr
    .split('\n')
    .filter((line) => line.startsWith('gpg: ') && !line.startsWith('gpg: WARNING'))
  return said.at(-1)?.slice('gpg: '.length).replace(/\.$/, '') ?? `gpg ended with ${code}`
}

function failed(reason: string, hint?: string): TsaltError {
  return new TsaltError('cipher-failed', { cipher: 'gpg', reason }, hint === undefined ? {} : { hint })
}

const keysHint = (folder: string): string =>
  `Import the secret key as the user of the master: gpg --homedir ${folder} --import FILE (option gpg_keydir).`
