/** The closed table of what one side does with each kind of message that the other may send. */
import type { AnswerKind, KindFrom, Message, RequestKind, Sender } from './registry.ts'

/** Who can be at the other end. */
export type Peer<Me extends Sender> = Me extends 'master' ? 'enrolling' | 'minion' : 'master'

/** Settles a request and never reaches a handler. A decision may also come later, by itself. */
type OnlyAnswer = Exclude<AnswerKind<RequestKind>, 'csr.decision'> | 'refusal'
/** The kinds from a peer that need a handler. */
export type HandledKind<P extends Sender> = Exclude<KindFrom<P>, OnlyAnswer | 'ping' | 'pong'>

/** A request as a handler gets it: with the number that its answer needs. */
export type RequestMessage<K extends RequestKind> = Message<K> & { readonly request: number }
type Incoming<K extends HandledKind<Sender>> = K extends RequestKind ? RequestMessage<K> : Message<K>

/**
 * A handler for each kind, or `refuse` where this kind has no business here and closes the connection. A handler
 * of a request answers through the channel, then or later; if it throws, the request is refused with its error.
 */
export type Handlers<P extends Sender> = {
  readonly [K in HandledKind<P>]: ((message: Incoming<K>) => void | Promise<void>) | 'refuse'
}
