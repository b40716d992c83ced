/** Where the connection to the master is, and what its watchers learn. */

import type { Json } from '../../shared/data/codec.ts'
import type { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { Channel } from '../../shared/protocol/channel.ts'
import type { ChannelEnd } from '../../shared/protocol/channel-options.ts'
import type { Handlers } from '../../shared/protocol/handlers.ts'
import type { Body } from '../../shared/protocol/registry.ts'

export type MasterChannel = Channel<'minion', 'master'>
export type Welcome = Body<'welcome'>

export type Phase =
  /** Between attempts; `error`: why the last one failed. */
  | { readonly phase: 'disconnected'; readonly error?: TsaltError }
  | { readonly phase: 'connecting'; readonly master: string }
  /** The socket is open; `hello` waits for its answer. */
  | { readonly phase: 'greeting'; readonly master: string; readonly channel: MasterChannel }
  | {
      readonly phase: 'ready'
      readonly master: string
      readonly channel: MasterChannel
      readonly welcome: Welcome
    }
  /** The master is about to close: what is under way is finished, nothing new is sent. */
  | { readonly phase: 'draining'; readonly master: string; readonly channel: MasterChannel }
  /** The master does not know this minion any more; it asks to be accepted again. */
  | { readonly phase: 'enrolling'; readonly error: TsaltError }

export interface Watcher {
  /** After `welcome`. */
  ready?(welcome: Welcome, master: string): void
  /** After the socket of a connection that was ready is gone. */
  lost?(end: ChannelEnd): void
  phase?(phase: Phase): void
}

/** What the minion says of itself on every connection. */
export interface Greeting {
  /** A mapping in the form of shared/data/codec.ts. */
  readonly grains: Json
  readonly unfinished: readonly JobId[]
}

/** What the agent does with the messages that the master sends by itself. */
export type MasterHandlers = Pick<Handlers<'master'>, 'job.deliver' | 'job.kill'>
