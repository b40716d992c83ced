#!/usr/bin/env node
// yaml-language-server for SLS files: speaks the Language Server Protocol on standard input and output, hands the text
// of files on without their templates, and keeps complaints about what templates fill in from the editor.
// usage: sls-language-server.mjs [path of yaml-language-server]
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { lineStarts, maskTemplates } from './mask-templates.mjs'

/** uri → what was filled in, in the text that the server has. */
const documents = new Map()

const server = spawn(process.execPath, [serverPath(), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
server.on('exit', (code) => process.exit(code ?? 1))
process.stdin.on('end', () => server.stdin.end())

pass(process.stdin, server.stdin, fromEditor)
pass(server.stdout, process.stdout, fromServer)

function serverPath() {
  if (process.argv[2]) return process.argv[2]
  const manifest = createRequire(import.meta.url).resolve('yaml-language-server/package.json')
  return join(dirname(manifest), 'bin', 'yaml-language-server')
}

function fromEditor(message) {
  const { method, params } = message
  if (method === 'textDocument/didOpen') params.textDocument.text = masked(params.textDocument.uri, params.textDocument.text)
  if (method === 'textDocument/didChange')
    for (const change of params.contentChanges) change.text = masked(params.textDocument.uri, change.text)
  if (method === 'textDocument/didClose') documents.delete(params.textDocument.uri)
  return message
}

function fromServer(message) {
  const sync = message.result?.capabilities?.textDocumentSync
  // The whole text with each change: a part of a template cannot be told from YAML.
  if (sync !== undefined) message.result.capabilities.textDocumentSync = typeof sync === 'number' ? 1 : { ...sync, change: 1 }
  if (message.method === 'textDocument/publishDiagnostics') {
    const known = documents.get(message.params.uri)
    if (known) message.params.diagnostics = message.params.diagnostics.filter((one) => isOfUser(one, known))
  }
  return message
}

function masked(uri, text) {
  const found = maskTemplates(text)
  documents.set(uri, { ...found, starts: lineStarts(text) })
  return found.masked
}

function isOfUser({ range, message }, { filled, isTemplate, starts }) {
  // Both branches of an "if" may have the same ID.
  if (isTemplate && /unique/i.test(message)) return false
  const from = (starts[range.start.line] ?? 0) + range.start.character
  const to = (starts[range.end.line] ?? 0) + range.end.character
  return !filled.some(([start, end]) => start < Math.max(to, from + 1) && end > from)
}

/** Messages are JSON after a header with their length. */
function pass(from, to, change) {
  let held = Buffer.alloc(0)
  from.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const end = held.indexOf('\r\n\r\n')
      const length = end === -1 ? Number.NaN : Number(/content-length: *(\d+)/i.exec(held.toString('latin1', 0, end))?.[1])
      if (Number.isNaN(length) || held.length < end + 4 + length) return
      const body = Buffer.from(JSON.stringify(change(JSON.parse(held.toString('utf8', end + 4, end + 4 + length)))))
      held = held.subarray(end + 4 + length)
      to.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]))
    }
  })
}
