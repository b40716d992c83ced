/** Methods of bytes: what templates need to get text back. */
import { PyBytes, PyError, type RuntimeValue, str } from '../values.ts'
import { method } from './define.ts'
import type { Method, Methods } from './methods.ts'

function bytesOf(self: RuntimeValue): Uint8Array {
  return self instanceof PyBytes ? self.bytes : new Uint8Array()
}

export const bytesMethods: Methods = new Map<string, Method>([
  method(
    'decode',
    [
      ['encoding', 'utf-8'],
      ['errors', 'strict'],
    ],
    (_, self, encoding, errors) => {
      const label = str(encoding).toLowerCase().replace('_', '-')
      try {
        const name = label === 'ascii' || label === 'latin-1' ? 'latin1' : label
        return new TextDecoder(name, { fatal: str(errors) === 'strict' }).decode(bytesOf(self))
      } catch {
        throw new PyError('ValueError', `these bytes are not ${label}`)
      }
    },
  ),
  method('hex', [], (_, self) => Buffer.from(bytesOf(self)).toString('hex')),
])
