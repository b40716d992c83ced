/** Opens what is encrypted with age, by the identities of one file. */
import { readFileSync, statSync } from 'node:fs'
import type { Decrypter } from 'age-encryption'
import { TsaltError } from '../errors/error.ts'

const identityLine = /^AGE-SECRET-KEY-/

/** @throws TsaltError `cipher-…` */
export async function openAge(file: string, block: string): Promise<string> {
  const { armor, Decrypter } = await import('age-encryption')
  const identities = readIdentities(file)
  const decrypter = new Decrypter()
  for (const identity of identities) addIdentity(decrypter, identity, file)
  let bytes: Uint8Array
  try {
    const armoured = block.startsWith('-----')
    bytes = armoured ? armor.decode(unindented(block)) : Uint8Array.from(Buffer.from(block, 'base64'))
  } catch (error) {
    throw failed('its armour is damaged', error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await decrypter.decrypt(bytes))
  } catch (error) {
    if (!/no identity matched/i.test(String(error))) throw failed(reasonOf(error), error)
    const keys = identities.length === 1 ? 'another key' : 'other keys'
    const hint = `Encrypt it again for a recipient of that file: age-keygen -y ${file}`
    throw new TsaltError('cipher-key-missing', { cipher: 'age', keys, where: file }, { hint, cause: error })
  }
}

/** In a value the lines of the armour may stand under each other with blanks before them. */
const unindented = (block: string): string =>
  block
    .split('\n')
    .map((line) => line.trim())
    .join('\n')

function readIdentities(file: string): string[] {
  let text: string
  try {
    if ((statSync(file).mode & 0o077) !== 0) throw new TsaltError('cipher-keys-loose', { file })
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof TsaltError) throw error
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? `there is no file of keys ${file}` : `${file} cannot be read (${code})`
    const hint = `Make one as the user of the master: age-keygen -o ${file} (option age_identities).`
    throw new TsaltError('cipher-failed', { cipher: 'age', reason }, { hint, cause: error })
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => identityLine.test(line))
}

function addIdentity(decrypter: Decrypter, identity: string, file: string): void {
  try {
    decrypter.addIdentity(identity)
  } catch {
    // The error of the library may quote the key.
    throw new TsaltError('cipher-failed', { cipher: 'age', reason: `${file} holds a line that is no key` })
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}

function failed(reason: string, cause: unknown): TsaltError {
  return new TsaltError('cipher-failed', { cipher: 'age', reason }, { cause })
}
