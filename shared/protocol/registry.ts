/**
 * Every message there is, closed and versioned: kind → schema, who may send it, and the kind of its answer.
 * The gateway and the minion build `Record<Kind, Handler>` from it, so an unhandled message does not compile.
 * Adding a message: its file, its line here, its golden file.
 */
import type * as v from 'valibot'
import { BeaconSend } from './messages/beacon-send.ts'
import { BlobRequest, Blobs } from './messages/blob-request.ts'
import { CertificateRenewal, RenewedCertificate } from './messages/certificate-renewal.ts'
import { CertificateRequest, EnrolmentDecision } from './messages/certificate-request.ts'
import { Drain } from './messages/drain.ts'
import { EventSend, EventStored } from './messages/event-send.ts'
import { FilePush, FilePushed } from './messages/file-push.ts'
import { GrainsUpdate } from './messages/grains-update.ts'
import { Hello, Welcome } from './messages/hello.ts'
import { JobAcknowledgement } from './messages/job-acknowledgement.ts'
import { JobDelivery } from './messages/job-delivery.ts'
import { JobKill } from './messages/job-kill.ts'
import { JobProgress } from './messages/job-progress.ts'
import { JobReturn, ReturnStored } from './messages/job-return.ts'
import { ManifestDelta, ManifestRequest } from './messages/manifest-request.ts'
import { MineData, MineGet } from './messages/mine-get.ts'
import { MinePut, MineStored } from './messages/mine-put.ts'
import { CompiledPillar, PillarRequest } from './messages/pillar-request.ts'
import { Ping, Pong } from './messages/ping.ts'
import { Refusal } from './messages/refusal.ts'

/** Who may send a kind: an enrolling peer (no certificate), an accepted minion, the master. */
export type Sender = 'enrolling' | 'minion' | 'master'

interface Row {
  readonly schema: v.GenericSchema
  readonly from: readonly Sender[]
  /** Present on requests: every one of them gets this answer or a `refusal`. */
  readonly answer?: string
}

const table = <const Table extends Readonly<Record<string, Row>>>(rows: Table): Table => rows

export const messages = table({
  'csr.submit': { schema: CertificateRequest, from: ['enrolling'], answer: 'csr.decision' },
  'csr.decision': { schema: EnrolmentDecision, from: ['master'] },
  hello: { schema: Hello, from: ['minion'], answer: 'welcome' },
  welcome: { schema: Welcome, from: ['master'] },
  'cert.renew': { schema: CertificateRenewal, from: ['minion'], answer: 'cert.issued' },
  'cert.issued': { schema: RenewedCertificate, from: ['master'] },
  'job.deliver': { schema: JobDelivery, from: ['master'] },
  'job.ack': { schema: JobAcknowledgement, from: ['minion'] },
  'job.progress': { schema: JobProgress, from: ['minion'] },
  'job.return': { schema: JobReturn, from: ['minion'], answer: 'job.stored' },
  'job.stored': { schema: ReturnStored, from: ['master'] },
  'job.kill': { schema: JobKill, from: ['master'] },
  'pillar.get': { schema: PillarRequest, from: ['minion'], answer: 'pillar' },
  pillar: { schema: CompiledPillar, from: ['master'] },
  'file.manifest': { schema: ManifestRequest, from: ['minion'], answer: 'file.delta' },
  'file.delta': { schema: ManifestDelta, from: ['master'] },
  'file.get': { schema: BlobRequest, from: ['minion'], answer: 'file.blobs' },
  'file.blobs': { schema: Blobs, from: ['master'] },
  'file.push': { schema: FilePush, from: ['minion'], answer: 'file.pushed' },
  'file.pushed': { schema: FilePushed, from: ['master'] },
  'event.send': { schema: EventSend, from: ['minion'], answer: 'event.stored' },
  'beacon.send': { schema: BeaconSend, from: ['minion'], answer: 'event.stored' },
  'event.stored': { schema: EventStored, from: ['master'] },
  'mine.put': { schema: MinePut, from: ['minion'], answer: 'mine.stored' },
  'mine.stored': { schema: MineStored, from: ['master'] },
  'mine.get': { schema: MineGet, from: ['minion'], answer: 'mine.data' },
  'mine.data': { schema: MineData, from: ['master'] },
  'grains.update': { schema: GrainsUpdate, from: ['minion'] },
  ping: { schema: Ping, from: ['minion', 'master'] },
  pong: { schema: Pong, from: ['minion', 'master'] },
  drain: { schema: Drain, from: ['master'] },
  refusal: { schema: Refusal, from: ['master'] },
})

export type Kind = keyof typeof messages
export type Body<K extends Kind> = v.InferOutput<(typeof messages)[K]['schema']>
/** The kinds that are requests, and what answers each. */
export type RequestKind = { [K in Kind]: (typeof messages)[K] extends { answer: string } ? K : never }[Kind]
export type AnswerKind<K extends RequestKind> = (typeof messages)[K] extends { answer: infer A extends Kind }
  ? A
  : never
/** The kinds that a sender may send. */
export type KindFrom<S extends Sender> = {
  [K in Kind]: S extends (typeof messages)[K]['from'][number] ? K : never
}[Kind]

/** A message in memory. `attachment` is raw bytes beside the JSON, for file contents. */
export interface Message<K extends Kind = Kind> {
  readonly kind: K
  readonly body: Body<K>
  /** On a request: its number, unique on this connection and sender. On an answer: the request's. */
  readonly request?: number
  readonly attachment?: Uint8Array
}
