/** What the daemon needs of its connection to the master; minion/connection has the real one. */
import type { AnswerKind, Body, KindFrom, Message, RequestKind } from '../../shared/protocol/registry.ts'

export interface MasterPort {
  readonly isConnected: boolean
  /** To be added to this clock to have the master's, milliseconds, as measured at the last hello. */
  readonly clockOffset: number
  /** Lost where there is no connection. */
  send<K extends KindFrom<'minion'>>(kind: K, body: Body<K>): void
  /** @throws TsaltError `minion-not-connected`, `connection-lost`, `request-refused`, `request-timeout` */
  request<K extends KindFrom<'minion'> & RequestKind>(kind: K, body: Body<K>): Promise<Message<AnswerKind<K>>>
}
