/** A folder of gpg keys made by the real gpg, and messages encrypted for them; the same for age. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class Keyring {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-keys-'))

  readonly #copies: string[] = []

  /** @returns key id of the encryption subkey */
  makeKey(name: string, passphrase = ''): string {
    this.gpg([
      '--passphrase',
      passphrase,
      '--quick-generate-key',
      `${name}@example.org`,
      'future-default',
      '-',
      'never',
    ])
    const listed = this.gpg(['--with-colons', '--list-keys', `${name}@example.org`])
    return /^sub:(?:[^:]*:){3}([0-9A-F]{16})/m.exec(listed)?.[1] ?? ''
  }

  encrypt(text: string, ...names: string[]): string {
    const recipients = names.flatMap((name) => ['-r', `${name}@example.org`])
    return this.gpg(['--trust-model', 'always', '--armor', ...recipients, '--encrypt'], text)
  }

  gpg(args: readonly string[], stdin = ''): string {
    const all = ['--homedir', this.folder, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...args]
    const { status, stdout, stderr } = spawnSync('gpg', all, { input: stdin, encoding: 'utf8' })
    if (status !== 0) throw new Error(`gpg ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  /** The same keys in another folder, with an agent of its own. */
  copyTo(folder: string): void {
    mkdirSync(folder, { mode: 0o700 })
    this.#copies.push(folder)
    this.gpg(['--export-secret-keys', '--output', join(folder, 'all')])
    spawnSync('gpg', ['--homedir', folder, '--batch', '--quiet', '--import', join(folder, 'all')])
  }

  /** Ends the agent, which remembers passphrases. */
  forget(): void {
    spawnSync('gpgconf', ['--homedir', this.folder, '--kill', 'gpg-agent'])
  }

  close(): void {
    for (const folder of [this.folder, ...this.#copies])
      spawnSync('gpgconf', ['--homedir', folder, '--kill', 'gpg-agent'])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A file of identities made by the real age, and what its recipient is. */
export function makeAgeIdentity(file: string): string {
  const { stdout, status } = spawnSync('age-keygen', [], { encoding: 'utf8' })
  if (status !== 0) throw new Error('age-keygen failed')
  writeFileSync(file, stdout, { mode: 0o600 })
  return /public key: (age1\w+)/.exec(stdout)?.[1] ?? ''
}

export function ageEncrypt(text: string, recipient: string, ...options: string[]): Buffer {
  const { status, stdout } = spawnSync('age', [...options, '-r', recipient], { input: text })
  if (status !== 0) throw new Error('age failed')
  return stdout
}

export const hasGpg = spawnSync('gpg', ['--version']).status === 0
export const hasAge = spawnSync('age', ['--version']).status === 0

/** Lines moved in, as below `key: |` in YAML. */
export const indented = (text: string, by = 2): string => text.trimEnd().replace(/^/gm, ' '.repeat(by))
