/** Base64 of files, and signatures, for `hashutil`. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { needed } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { text } from '../../shared/schema/scalars.ts'
import { asking, changing } from './define.ts'

const string = needed(text, 'The text.')
const shared_secret = needed(text, 'The secret that both sides know.')

/** As Python writes it: lines of 76 letters. */
const inLines = (base64: string): string => base64.replace(/.{1,76}/g, '$&\n')

function isSame(given: string, computed: Buffer, form: 'base64' | 'hex'): boolean {
  const other = Buffer.from(given, form)
  return other.length === computed.length && timingSafeEqual(other, computed)
}

export const encodings = {
  base64_decodestring: asking(
    'The text that is in lines of Base64.',
    "hashutil.base64_decodestring 'dGV4dA=='",
    { instr: string },
    async ({ instr }) => Buffer.from(instr, 'base64').toString('utf8'),
  ),
  base64_encodefile: asking(
    'A file in lines of Base64.',
    'hashutil.base64_encodefile /etc/hostname',
    { fname: needed(absolutePath, 'The file.') },
    async ({ fname }, { look }) => inLines(Buffer.from(await look.files.read(fname)).toString('base64')),
  ),
  base64_decodefile: changing(
    'Writes what is in Base64 to a file.',
    "hashutil.base64_decodefile 'dGV4dA==' /tmp/text",
    { instr: string, outfile: needed(absolutePath, 'The file.') },
    async ({ instr, outfile }, { act }) => {
      await act.files.write(outfile, Buffer.from(instr, 'base64'))
      return true
    },
  ),
  hmac_signature: asking(
    'True where a text has the signature (HMAC-SHA256, Base64).',
    "hashutil.hmac_signature 'text' secret 'c2lnbmF0dXJl'",
    { string, shared_secret, challenge_hmac: needed(text, 'The signature.') },
    async (given) =>
      isSame(
        given.challenge_hmac,
        createHmac('sha256', given.shared_secret).update(given.string).digest(),
        'base64',
      ),
  ),
  hmac_compute: asking(
    'Signature of a text (HMAC-SHA256, hex).',
    "hashutil.hmac_compute 'text' secret",
    { string, shared_secret },
    async (given) => createHmac('sha256', given.shared_secret).update(given.string).digest('hex'),
  ),
  github_signature: asking(
    'True where a text has the signature of a hook of GitHub: `sha1=…`, `sha256=…`.',
    "hashutil.github_signature 'text' secret challenge_hmac=sha1=00",
    { string, shared_secret, challenge_hmac: needed(text, 'The signature.') },
    async (given) => {
      const [, algorithm, hex] = /^(sha1|sha256|sha512)=([0-9a-f]+)$/.exec(given.challenge_hmac) ?? []
      if (algorithm === undefined || hex === undefined) return false
      return isSame(hex, createHmac(algorithm, given.shared_secret).update(given.string).digest(), 'hex')
    },
  ),
}
