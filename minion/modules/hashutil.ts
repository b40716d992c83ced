/** Execution module `hashutil`: hashes and Base64 of texts, and of files. */
import * as v from 'valibot'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { choice } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { encodings } from './hashutil-encodings.ts'
import { pureFunctions } from './pure-function.ts'

const instr = { instr: 'The text.' }

export const hashutilModule = execModule({
  summary: 'Hashes and Base64.',
  functions: {
    ...pureFunctions('hashutil', {
      digest: {
        summary: 'The hash of a text.',
        args: { ...instr, 'checksum?': 'md5 (the default), sha256 or sha512.' },
        example: "tsalt '*' hashutil.digest 'text' sha256",
      },
      md5_digest: {
        summary: 'MD5 of a text.',
        args: instr,
        example: "tsalt '*' hashutil.md5_digest 'text'",
      },
      sha256_digest: {
        summary: 'SHA-256 of a text.',
        args: instr,
        example: "tsalt '*' hashutil.sha256_digest 'text'",
      },
      sha512_digest: {
        summary: 'SHA-512 of a text.',
        args: instr,
        example: "tsalt '*' hashutil.sha512_digest 'text'",
      },
      base64_b64encode: {
        summary: 'A text in Base64.',
        args: instr,
        example: "tsalt '*' hashutil.base64_b64encode 'text'",
      },
      base64_b64decode: {
        summary: 'The text that is in Base64.',
        args: { instr: 'The Base64.' },
        example: "tsalt '*' hashutil.base64_b64decode 'dGV4dA=='",
      },
      base64_encodestring: {
        summary: 'A text in lines of Base64.',
        args: instr,
        example: "tsalt '*' hashutil.base64_encodestring 'text'",
      },
    }),
    ...encodings,
    digest_file: execFunction({
      summary: 'The hash of a file.',
      args: v.strictObject({
        infile: needed(absolutePath, 'Absolute path.'),
        checksum: defaulted(choice(['md5', 'sha1', 'sha256', 'sha512']), 'md5', 'Algorithm.'),
      }),
      examples: ["tsalt '*' hashutil.digest_file /etc/passwd sha256"],
      readOnly: true,
      run: async ({ infile, checksum }, { look }) => {
        const { createHash } = await import('node:crypto')
        return createHash(checksum)
          .update(await look.files.read(infile))
          .digest('hex')
      },
    }),
  },
})
