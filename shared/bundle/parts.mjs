// Bundles programs into parts that are loaded when they are needed: what a resident program never asks for takes no
// memory, neither its text nor its functions.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const loader = readFileSync(fileURLToPath(new URL('part-loader.cjs', import.meta.url)), 'utf8')

/**
 * Writes `NAME.cjs` for each entry, and one file with the parts of all.
 * @param options of esbuild, with `entryPoints` by name; `banner` is added by the caller
 * @returns the texts of the entries by name
 */
export async function bundleInParts(options, { folder, parts }) {
  const { build, transform } = await import('esbuild')
  const split = await build({
    ...options,
    format: 'esm',
    splitting: true,
    outdir: folder,
    chunkNames: '[name]-[hash]',
    write: false,
  })
  const names = new Set(split.outputFiles.map(({ path }) => nameOf(path)))
  const toPart = (whole, name) => (names.has(name) ? `__part("${name}")` : whole)
  const entries = new Map()
  const index = {}
  const bodies = []
  let at = 0
  for (const { path, text } of split.outputFiles) {
    const now = text.replace(/__now\(import\("\.\/([\w.-]+)\.js"\)\)/g, toPart)
    if (/__now\(/.test(now)) throw new Error(`${path}: a module of a registry is in no part of its own`)
    const { code } = await transform(now, {
      format: 'cjs',
      platform: 'node',
      target: options.target,
      supported: { 'dynamic-import': false },
      minifySyntax: true,
      minifyWhitespace: true,
    })
    const linked = code.replace(/require\("\.\/([\w.-]+)\.js"\)/g, toPart)
    const name = nameOf(path)
    if (Object.hasOwn(options.entryPoints, name)) {
      entries.set(name, withLoader(linked, parts))
      continue
    }
    const body = Buffer.from(linked)
    index[name] = [at, body.length, body.length === linked.length]
    bodies.push(body)
    at += body.length
  }
  const listed = Buffer.from(JSON.stringify(index))
  const head = String(listed.length).padEnd(12)
  writeFileSync(join(folder, parts), Buffer.concat([Buffer.from(head), listed, ...bodies]))
  return entries
}

const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.js$/, '')

function withLoader(code, parts) {
  const interpreter = /^#!.*\n/.exec(code)?.[0] ?? ''
  return `${interpreter}${loader.replaceAll('PARTS', parts)}${code.slice(interpreter.length)}`
}
