/**
 * Plain JavaScript of a module of the tree: its types become blanks, so that lines and columns stay what they are, and
 * what it imports from files beside it is named as those files are named afterwards.
 */
import { isTypeScript } from './code-paths.ts'

/** @param path `_states/disk.ts`; @returns code that says what is wrong, where it cannot run */
export async function plainCode(path: string, text: string): Promise<string> {
  try {
    const code = isTypeScript(path) ? await withoutTypes(path, text) : text
    return await withRunnableImports(code)
  } catch (error) {
    return failingCode(`salt://${path}: ${placeOf(error)}${messageOf(error)}`)
  }
}

/** Loading it fails with this sentence: the minion that asks for the module is told. */
export const failingCode = (sentence: string): string =>
  `throw new SyntaxError(${JSON.stringify(sentence)})\n`

async function withoutTypes(path: string, text: string): Promise<string> {
  if (!('WebAssembly' in globalThis))
    throw new Error('TypeScript needs a master, or tsalt-call; without one, write JavaScript')
  const library = await import('amaro')
  // A bundle that is split in parts has no default of a CommonJS library.
  const { transformSync } = library.default ?? library
  return transformSync(text, { mode: 'strip-only', filename: path }).code
}

async function withRunnableImports(code: string): Promise<string> {
  if (!/\bimport\b|\bfrom\b/.test(code)) return code
  const { parse } = await import('es-module-lexer/js')
  const [imports] = parse(code)
  let plain = code
  for (const { specifier, start, end } of [...imports].reverse()) {
    const wanted = typeof specifier === 'string' ? runnable(specifier) : undefined
    if (wanted === undefined) continue
    const quote = plain[start] === "'" || plain[start] === '"' ? plain[start] : ''
    plain = `${plain.slice(0, start)}${quote}${wanted}${quote}${plain.slice(end)}`
  }
  return plain
}

/** `./lib/racks.ts` → `./lib/racks.js`; undefined: it stays. */
function runnable(specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined
  return specifier.replace(/\.m?ts$|\.mjs$/, '.js')
}

interface Placed {
  readonly startLine?: number
  readonly startColumn?: number
}

function placeOf(error: unknown): string {
  const { startLine, startColumn } = (error ?? {}) as Placed
  return startLine === undefined ? '' : `line ${startLine}, column ${startColumn}: `
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error)
