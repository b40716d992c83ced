/**
 * What the master does with each kind of message of an accepted minion: a closed table, so a kind without a row does
 * not compile. Who it is comes from the certificate, never from a message.
 */
import type { Json } from '../../shared/data/codec.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { Handlers } from '../../shared/protocol/handlers.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { protocolVersions } from '../../shared/protocol/versions.ts'
import { version } from '../../shared/version.ts'
import { type Audit, recordRefusal } from '../audit/audit-log.ts'
import type { EventDesk } from '../events/event-desk.ts'
import type { FileService } from '../files/file-service.ts'
import type { PushedFiles } from '../files/pushed-files.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { MineService } from '../mine/mine-service.ts'
import type { PillarService } from '../pillar/pillar-service.ts'
import type { Admitted } from '../pki/admission.ts'
import type { KeyDesk } from '../pki/key-desk.ts'
import { renew } from '../pki/renewal.ts'
import type { MinionStore } from '../store/minions.ts'
import { GrainsIntake } from './grains-intake.ts'
import { grainsBytes } from './limits.ts'
import type { Connection, LiveSessions } from './live-sessions.ts'
import type { Session } from './sessions.ts'
import { Turns } from './turns.ts'

export interface GatewayServices {
  readonly desk: KeyDesk
  readonly minions: MinionStore
  readonly jobs: Pick<JobService, 'acknowledged' | 'progressed' | 'returned'>
  readonly files: FileService
  readonly pillars: PillarService
  readonly pushes: PushedFiles
  readonly events: EventDesk
  readonly mine: Pick<MineService, 'put' | 'get'>
  readonly audit: Audit
}

export interface Peering {
  readonly services: GatewayServices
  readonly sessions: LiveSessions
  readonly admitted: Admitted
  readonly address: string
  /** Absent until the channel, which needs the handlers, is there. */
  connection(): Connection
  /** The session, once `hello` was answered. */
  greeted: Session | undefined
  /** Called at `hello`, in time or not. */
  spoke(): void
}

/** Clocks further apart than this, in milliseconds, are worth a warning. */
const tolerableOffset = 60_000

export function minionHandlers(peering: Peering): Handlers<'minion'> {
  const { services } = peering
  const { id, generation } = peering.admitted
  const { jobs, files, pillars, pushes } = services
  const channel = () => peering.connection().channel
  const turns = new Turns(channel)
  const grains = grainsOf(peering)
  return {
    hello: async (message) => {
      peering.spoke()
      try {
        await greet(peering, message.body, (body) => channel().answer(message, 'welcome', body))
      } catch (error) {
        // The refusal goes out first; a connection that was not greeted is of no use to anyone.
        setTimeout(() => channel().close('hello was refused'), 500).unref()
        throw error
      }
    },
    'cert.renew': (message) => {
      channel().answer(message, 'cert.issued', renew(services.desk, peering.admitted, message.body))
    },
    'job.ack': ({ body }) => {
      if (isGreeted(peering, 'job.ack')) jobs.acknowledged(id, generation, body)
    },
    'job.progress': ({ body }) => {
      if (isGreeted(peering, 'job.progress')) jobs.progressed(id, generation, body)
    },
    'job.return': async (message) => {
      if (!isGreeted(peering, 'job.return')) return
      await auditRefusal(peering, 'job.return', () => jobs.returned(id, generation, message.body))
      channel().answer(message, 'job.stored', { stored: true })
    },
    'pillar.get': async (message) => {
      if (!isGreeted(peering, 'pillar.get')) return
      await turns.take(async () => {
        const pillar = await pillars.forMinion(id, generation, message.body.environment)
        channel().answer(message, 'pillar', pillar)
      })
    },
    'file.manifest': async (message) => {
      if (!isGreeted(peering, 'file.manifest')) return
      await turns.take(async () => {
        const { body, attachment } = await files.delta(message.body)
        channel().answer(message, 'file.delta', body, attachment)
      })
    },
    'file.get': async (message) => {
      if (!isGreeted(peering, 'file.get')) return
      await turns.take(async () => {
        const { body, attachment } = await files.blobs(message.body)
        channel().answer(message, 'file.blobs', body, attachment)
      })
    },
    'file.push': async (message) => {
      if (!isGreeted(peering, 'file.push')) return
      await turns.take(async () => {
        const { body, attachment } = message
        await auditRefusal(peering, 'file.push', async () => {
          channel().answer(message, 'file.pushed', await pushes.receive(id, body, attachment))
        })
      })
    },
    'event.send': async (message) => {
      if (!isGreeted(peering, 'event.send')) return
      await auditRefusal(peering, 'event.send', () => services.events.take(id, message.body))
      channel().answer(message, 'event.stored', { stored: true })
    },
    'beacon.send': async (message) => {
      if (!isGreeted(peering, 'beacon.send')) return
      await auditRefusal(peering, 'beacon.send', () => services.events.takeSight(id, message.body))
      channel().answer(message, 'event.stored', { stored: true })
    },
    ...mineHandlers(peering, turns),
    'grains.update': async ({ body }) => {
      if (!isGreeted(peering, 'grains.update')) return
      requireGrains(body.grains)
      await grains.take(body.grains)
    },
  }
}

function mineHandlers(peering: Peering, turns: Turns): Pick<Handlers<'minion'>, 'mine.put' | 'mine.get'> {
  const { mine } = peering.services
  const { id, generation } = peering.admitted
  const channel = () => peering.connection().channel
  return {
    'mine.put': async (message) => {
      if (!isGreeted(peering, 'mine.put')) return
      await turns.take(async () => {
        await auditRefusal(peering, 'mine.put', async () => {
          const stored = await mine.put({ id, generation }, message.body)
          for (const { name, code } of stored.refused) refused(peering, 'mine.put', `${name}: ${code}`)
          channel().answer(message, 'mine.stored', stored)
        })
      })
    },
    'mine.get': async (message) => {
      if (!isGreeted(peering, 'mine.get')) return
      await turns.take(async () => {
        await auditRefusal(peering, 'mine.get', async () => {
          channel().answer(message, 'mine.data', await mine.get({ id, generation }, message.body))
        })
      })
    },
  }
}

/** Of a connection whose certificate has expired: it renews, and nothing else. */
export function renewalHandlers(peering: Peering): Handlers<'minion'> {
  return {
    hello: () => {
      peering.spoke()
      throw new TsaltError('certificate-renewal-due', {})
    },
    'cert.renew': async (message) => {
      peering.spoke()
      const { channel } = peering.connection()
      channel.answer(message, 'cert.issued', renew(peering.services.desk, peering.admitted, message.body))
      await channel.drained()
      channel.close('come back with the new certificate')
    },
    'job.ack': 'refuse',
    'job.progress': 'refuse',
    'job.return': 'refuse',
    'pillar.get': 'refuse',
    'file.manifest': 'refuse',
    'file.get': 'refuse',
    'file.push': 'refuse',
    'event.send': 'refuse',
    'beacon.send': 'refuse',
    'mine.put': 'refuse',
    'mine.get': 'refuse',
    'grains.update': 'refuse',
  }
}

function grainsOf(peering: Peering): GrainsIntake {
  const { services, admitted } = peering
  const { id, generation, serial } = admitted
  const { minions, audit, desk } = services
  const reason = 'it finds other grains all the time; the last are stored now and then'
  return new GrainsIntake(
    desk.clock,
    // Those of the next connection are newer.
    async (grains) => {
      if (peering.connection().channel.isOpen) await minions.grainsChanged(id, generation, grains)
    },
    () => recordRefusal(audit, desk.logger, { actor: `minion:${id}`, serial, kind: 'grains.update', reason }),
  )
}

async function greet(
  peering: Peering,
  hello: Body<'hello'>,
  answer: (body: Body<'welcome'>) => void,
): Promise<void> {
  const { services, sessions, admitted, address } = peering
  const { clock, logger } = services.desk
  const { id, generation, serial } = admitted
  const connection = peering.connection()
  if (peering.greeted !== undefined) {
    connection.channel.close('hello twice', 1008)
    return
  }
  const protocol = commonVersion(hello.protocol)
  requireGrains(hello.grains)
  const since = clock.now()
  const offset = hello.wallTime - since
  if (Math.abs(offset) > tolerableOffset)
    logger.warn({ id, seconds: Math.round(offset / 1000) }, "the minion's clock differs from the master's")
  await services.minions.connected({
    id,
    generation,
    version: hello.version,
    address,
    grains: hello.grains,
    at: since,
  })
  const { version: theirs } = hello
  const session = { id, generation, serial, since, address, clockOffset: offset, protocol, version: theirs }
  if (!sessions.greeted(connection, session)) {
    connection.channel.close('a newer connection of this minion is there')
    return
  }
  peering.greeted = session
  answer({ version, protocol, wallTime: clock.now(), generation })
  logger.info({ id, address, version: hello.version, generation }, 'minion connected')
  sessions.announce(session, hello.unfinished)
}

/** @throws TsaltError `protocol-version` */
function commonVersion(theirs: { readonly oldest: number; readonly newest: number }): number {
  const { oldest, newest } = protocolVersions
  const common = Math.min(newest, theirs.newest)
  if (common >= oldest && common >= theirs.oldest) return common
  const range = (one: { oldest: number; newest: number }): string => `${one.oldest} to ${one.newest}`
  throw new TsaltError('protocol-version', { minion: range(theirs), master: range(protocolVersions) })
}

/** @throws TsaltError `grains-invalid` */
function requireGrains(grains: Json): void {
  if (grains === null || typeof grains !== 'object' || Array.isArray(grains))
    throw new TsaltError('grains-invalid', { reason: 'they are not a mapping' })
  const size = JSON.stringify(grains).length
  if (size > grainsBytes)
    throw new TsaltError('grains-invalid', { reason: `they have ${size} bytes, of ${grainsBytes} allowed` })
}

function isGreeted(peering: Peering, kind: string): boolean {
  if (peering.greeted !== undefined) return true
  const { services, admitted } = peering
  const { id, serial } = admitted
  const entry = { actor: `minion:${id}`, serial, kind, reason: 'before hello' }
  recordRefusal(services.audit, services.desk.logger, entry)
  peering.connection().channel.close(`${kind} before hello`, 1008)
  return false
}

const audited: ReadonlySet<string> = new Set([
  'event-flood',
  'event-too-large',
  'mine-flood',
  'return-unexpected',
  'push-off',
  'push-quota',
  'push-refused',
])

async function auditRefusal(peering: Peering, kind: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    // A full disk or a stopping master is no refusal of the minion.
    if (isTsaltError(error) && audited.has(error.code)) refused(peering, kind, error.message)
    throw error
  }
}

function refused({ services, admitted }: Peering, kind: string, reason: string): void {
  const entry = { actor: `minion:${admitted.id}`, serial: admitted.serial, kind, reason }
  recordRefusal(services.audit, services.desk.logger, entry)
}
