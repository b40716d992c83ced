/** One open socket to a master as a channel, with the two moments that matter: greeted, ended. */
import type { WebSocket } from 'ws'
import { Channel } from '../../shared/protocol/channel.ts'
import type { ChannelEnd, ChannelOptions } from '../../shared/protocol/channel-options.ts'
import type { MasterChannel, MasterHandlers } from './phase.ts'

export interface Life {
  readonly channel: MasterChannel
  readonly ended: Promise<ChannelEnd>
  /** To be called once: whether the greeting succeeded. Until then no job gets through. */
  greeted(successfully: boolean): void
}

export function openLife(
  socket: WebSocket,
  setup: Pick<ChannelOptions<'minion', 'master'>, 'clock' | 'logger' | 'pingInterval'> & {
    readonly handlers: MasterHandlers
  },
  drain: (comeBackAfter: number) => void,
): Life {
  let end = (_end: ChannelEnd): void => {}
  let greeted = (_successfully: boolean): void => {}
  const ended = new Promise<ChannelEnd>((resolve) => {
    end = resolve
  })
  const greeting = new Promise<boolean>((resolve) => {
    greeted = resolve
  })
  // A job may come in the same packet as the welcome: it waits until everybody knows that we are ready.
  const whenReady =
    <T>(handler: 'refuse' | ((message: T) => void | Promise<void>)) =>
    async (message: T): Promise<void> => {
      if ((await greeting) && handler !== 'refuse') await handler(message)
    }
  const channel = new Channel<'minion', 'master'>({
    socket,
    me: 'minion',
    peer: 'master',
    clock: setup.clock,
    logger: setup.logger,
    pingInterval: setup.pingInterval,
    handlers: {
      'job.deliver': whenReady(setup.handlers['job.deliver']),
      'job.kill': whenReady(setup.handlers['job.kill']),
      'csr.decision': 'refuse',
      drain: ({ body }) => drain(body.comeBackAfter),
    },
    onEnd: end,
  })
  return { channel, ended, greeted }
}
