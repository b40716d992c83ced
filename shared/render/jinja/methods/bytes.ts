/** Methods of bytes: those of str, over ASCII alone. */
import { iterate, PyBytes, PyError, PyTuple, type RuntimeValue, str, textOf, typeName } from '../values.ts'
import { method } from './define.ts'
import type { Method, Methods } from './methods.ts'
import { textMethods } from './text.ts'

function bytesOf(self: RuntimeValue): Uint8Array {
  return self instanceof PyBytes ? self.bytes : new Uint8Array()
}

/** Where bytes stand that are no letter, space or line end to `bytes`, but would be to `str`. */
const aside = 0xe000
const isAside = (byte: number): boolean => byte >= 0x80 || (byte >= 0x1c && byte <= 0x1f)

function toText(bytes: Uint8Array, hidden: (byte: number) => boolean = isAside): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(hidden(byte) ? aside + byte : byte)
  return text
}

function fromText(value: RuntimeValue): RuntimeValue {
  if (typeof value === 'string') return new PyBytes(Uint8Array.from(value, (one) => one.charCodeAt(0) % 256))
  if (Array.isArray(value)) return value.map(fromText)
  return value instanceof PyTuple ? new PyTuple(value.values.map(fromText)) : value
}

const findsNumbers: ReadonlySet<string> = new Set(['find', 'rfind', 'index', 'rindex', 'count'])

function argument(name: string, value: RuntimeValue, index: number): RuntimeValue {
  if (value instanceof PyBytes) return toText(value.bytes)
  if (textOf(value) !== undefined)
    throw new PyError('TypeError', `a bytes-like object is required, not 'str'`)
  if (value instanceof PyTuple) return new PyTuple(value.values.map((one) => argument(name, one, 1)))
  if (name === 'join') return iterate(value).map((one) => argument('', one, 1))
  if (index > 0 || !findsNumbers.has(name) || typeof value !== 'number') return value
  if (!(value >= 0 && value < 256)) throw new PyError('ValueError', 'byte must be in range(0, 256)')
  return toText(Uint8Array.of(value))
}

function overAscii(name: string): [string, Method] {
  return [
    name,
    (context, self, args, kwargs) => {
      const run = textMethods.get(name)
      if (run === undefined) throw new PyError('AttributeError', `'${typeName(self)}' object has no ${name}`)
      // Of the line ends only those of ASCII count.
      const text =
        name === 'splitlines'
          ? toText(bytesOf(self), (byte) => isAside(byte) || byte === 11 || byte === 12)
          : toText(bytesOf(self))
      const given = new Map([...kwargs].map(([key, value]) => [key, argument(name, value, 1)]))
      return fromText(
        run(
          context,
          text,
          args.map((value, index) => argument(name, value, index)),
          given,
        ),
      )
    },
  ]
}

const shared = 'capitalize center count endswith expandtabs find index isalnum isalpha isdigit islower isspace istitle isupper join ljust lower lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill' // biome-ignore format: a table

export const bytesMethods: Methods = new Map<string, Method>([
  ...shared.split(' ').map(overAscii),
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
  method('isascii', [], (_, self) => bytesOf(self).every((byte) => byte < 0x80)),
])
