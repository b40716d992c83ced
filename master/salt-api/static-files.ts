/** A web page in files, as SaltGUI: one for /, and a folder below /static. Both are for everybody. */
import { createReadStream, realpathSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiOptions } from '../../shared/config/api-options.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { openBeneath } from '../files/beneath-root.ts'
import { wantedTypes } from './answers.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

export const wantsPage = (request: FastifyRequest): boolean => wantedTypes(request)[0] === 'text/html'

/** @throws TsaltError `api-unusable` where a file or folder is not there */
export function staticRoutes(
  scope: FastifyInstance,
  { static: folder }: ApiOptions,
  eauths: readonly string[],
): void {
  if (folder === undefined) return
  const root = found(folder, 'static')
  scope.get('/static/*', { config: { open: true } }, async (request, reply) => {
    const path = (request.params as { readonly '*'?: string })['*'] ?? ''
    try {
      return sendFile(reply, root, path)
    } catch (error) {
      if (!isTsaltError(error)) throw error
      // SaltGUI asks there how one can log in; who wrote no such file gets what is configured.
      if (path === 'salt-auth.txt') return reply.type('text/plain').send(`CLEAR\n${eauths.join('\n')}\n`)
      throw new TsaltError('request-unknown', { method: 'GET', path: `/static/${path}`.slice(0, 200) })
    }
  })
}

/** @returns undefined: none is configured. @throws TsaltError `api-unusable` */
export function pageSender({ app }: ApiOptions): ((reply: FastifyReply) => FastifyReply) | undefined {
  if (app === undefined) return undefined
  const file = found(app, 'app')
  return (reply) => sendFile(reply, dirname(file), basename(file))
}

function found(path: string, option: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw new TsaltError(
      'api-unusable',
      { reason: `there is no ${path}` },
      { hint: `The option is api: ${option}.` },
    )
  }
}

function sendFile(reply: FastifyReply, root: string, path: string): FastifyReply {
  const { fd, stats } = openBeneath(root, path)
  return reply
    .type(types[extname(path).toLowerCase()] ?? 'application/octet-stream')
    .header('content-length', String(stats.size))
    .header('cache-control', 'no-cache')
    .header('last-modified', stats.mtime.toUTCString())
    .send(createReadStream('', { fd, end: Math.max(0, stats.size - 1) }))
}
