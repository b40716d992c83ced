/** The socket of the operator API: never wider than its owner and one group, and never stolen from a living master. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'

/**
 * @param group name or number of the group that may use it; empty: that of the process
 * @throws TsaltError `socket-in-use`, `socket-unusable`
 */
export async function listenOnSocket(server: Server, path: string, group: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    await clearStale(path)
    await listen(server, path)
    if (group !== '') chownSync(path, process.getuid?.() ?? 0, groupId(group, path))
    chmodSync(path, 0o660)
  } catch (error) {
    if (error instanceof TsaltError) throw error
    throw unusable(path, error)
  }
}

/** A socket file without a listener is what a killed master leaves. */
async function clearStale(path: string): Promise<void> {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined) return
  if (!entry.isSocket())
    throw new TsaltError('socket-unusable', { path, reason: 'there is something else of that name' })
  if (await answers(path)) throw new TsaltError('socket-in-use', { path })
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // Full is alive, too.
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'))
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // The file appears while listen() runs, so for that moment nobody else may have access, until the group is set.
    const before = process.umask(0o177)
    try {
      server.listen({ path, backlog: 511 }, () => {
        server.off('error', reject)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}

function groupId(group: string, path: string): number {
  if (/^\d+$/.test(group)) return Number(group)
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${group}:`))
  const id = line?.split(':')[2]
  if (id === undefined)
    throw new TsaltError(
      'socket-unusable',
      { path, reason: `there is no group "${group}"` },
      { hint: `Run "groupadd --system ${group}", or change "socket_group".` },
    )
  return Number(id)
}

function unusable(path: string, error: unknown): TsaltError {
  const reason = error instanceof Error ? error.message : String(error)
  return new TsaltError('socket-unusable', { path, reason }, { cause: error })
}
