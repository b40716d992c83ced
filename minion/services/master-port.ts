/** What jobs and services need of the connection to the master; MasterConnection of minion/connection is one. */
import type { AnswerKind, Body, KindFrom, Message, RequestKind } from '../../shared/protocol/registry.ts'
import type { MinionServices } from '../modules/contract.ts'

/** Sends parts of files, for cp.push. */
export const pushTo =
  (master: MasterPort): NonNullable<MinionServices['push']> =>
  async (part, attachment) =>
    void (await master.request('file.push', part, { attachment }))

export interface MasterPort {
  readonly isReady: boolean
  /** On the monotonic clock, when the connection was there last; undefined: never. */
  readonly lastSeen?: number | undefined
  /** @returns false where there is no connection: the message is dropped */
  send<K extends KindFrom<'minion'>>(kind: K, body: Body<K>): boolean
  /** @throws TsaltError `not-connected`, `connection-lost`, `request-refused`, `request-timeout` */
  request<K extends KindFrom<'minion'> & RequestKind>(
    kind: K,
    body: Body<K>,
    options?: { readonly attachment?: Uint8Array },
  ): Promise<Message<AnswerKind<K>>>
}
