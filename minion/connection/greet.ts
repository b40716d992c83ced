/** The first exchange on a connection: `hello` and `welcome`, the version that both speak, the master's clock. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { protocolVersions } from '../../shared/protocol/versions.ts'
import type { Greeting, MasterChannel, Welcome } from './phase.ts'

const answerTime = 30_000
/** Milliseconds by which two clocks may differ without a word. */
const tolerableOffset = 60_000

export interface Greeted {
  readonly welcome: Welcome
  /** Milliseconds to add to our wall clock to get the master's. */
  readonly offset: number
}

/** @throws TsaltError `request-refused`, `request-timeout`, `connection-lost`, `protocol-version` */
export async function greet(
  channel: MasterChannel,
  greeting: Greeting,
  { version, clock, logger }: { readonly version: string; readonly clock: Clock; readonly logger: Logger },
): Promise<Greeted> {
  const hello = {
    version,
    protocol: protocolVersions,
    wallTime: clock.now(),
    grains: greeting.grains,
    unfinished: [...greeting.unfinished],
  }
  const { body: welcome } = await channel.request('hello', hello, { timeout: answerTime })
  const { oldest, newest } = protocolVersions
  if (welcome.protocol < oldest || welcome.protocol > newest)
    throw new TsaltError('protocol-version', { minion: `${oldest} to ${newest}`, master: welcome.protocol })
  const offset = welcome.wallTime - clock.now()
  if (Math.abs(offset) > tolerableOffset)
    logger.warn({ seconds: Math.round(offset / 1000) }, "The master's clock differs from this one")
  return { welcome, offset }
}
