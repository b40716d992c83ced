/** Writes the generated pages and schemas, and removes those that no longer come from anything: `npm run docs`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { generatedFolders, generatePages } from './pages.ts'

const docs = join(import.meta.dirname, '..')
const pages = generatePages()

for (const folder of generatedFolders) {
  const root = join(docs, folder)
  mkdirSync(root, { recursive: true })
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !pages.has(relative(docs, path))) rmSync(path)
  }
}
for (const [path, text] of pages) {
  mkdirSync(dirname(join(docs, path)), { recursive: true })
  writeFileSync(join(docs, path), text)
}
process.stdout.write(`${pages.size} files written below docs/\n`)
