/**
 * Which master a command speaks with, and how: over its Unix socket where that may be opened, else over its API with
 * the rights of who is logged in. What the API needs is loaded where it is asked for.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import type { Console } from './console.ts'
import { connectMaster, type MasterClient } from './master-client.ts'
import type { LoginOptions, ReachOptions } from './network-options.ts'
import { configFileOf, socketPath } from './socket-path.ts'

export type MasterOptions = ReachOptions & LoginOptions

/**
 * @param work what is done with the master; a login that was made for it ends with it
 * @throws TsaltError `api-missing`, `login-missing`, `session-ended`, `secret-file-loose`, of options that exclude each
 * other, and of logging in; and what `work` throws
 */
export async function withMaster<Result>(
  options: MasterOptions,
  console: Console,
  work: (client: MasterClient) => Promise<Result>,
): Promise<Result> {
  if (!asksForApi(options, console)) {
    const place = { configDir: options.configDir, rootDir: options.rootDir }
    const socket = await socketPath(place)
    const state = socketState(socket)
    // Who names the configuration of a master means that one, as does who sees one that is just not running.
    const isNamed = options.configDir !== undefined || options.rootDir !== undefined
    const isDown = state === 'absent' && existsSync(configFileOf(place))
    if (state === 'open' || isNamed || isDown) return work(connectMaster(socket))
    const { readSession } = await import('./session-file.ts')
    // The socket itself says best what is wrong with it.
    if (readSession(console.env) === undefined) return work(connectMaster(socket))
  }
  const { openNetwork } = await import('./open-network.ts')
  const { client, close } = await openNetwork(options, console)
  try {
    return await work(client)
  } finally {
    await close()
  }
}

export function asksForApi(options: MasterOptions, { env }: Console): boolean {
  const { api, token, clientCert, clientKey, auth, eauth, username, password, makeToken } = options
  const typed = [api, token, clientCert, clientKey, auth, eauth, username, password]
  return (
    typed.some((each) => each !== undefined) || makeToken === true || !!env.TSALT_API || !!env.TSALT_TOKEN
  )
}

function socketState(socket: string): 'open' | 'closed' | 'absent' {
  try {
    accessSync(socket, constants.W_OK)
    return 'open'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'closed'
  }
}
