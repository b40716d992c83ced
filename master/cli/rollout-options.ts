/** The options that make a job a rollout. */
import { type Command, Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import type { RolloutWish } from '../rollouts/schemas.ts'
import { seconds } from './command-line.ts'

export interface RolloutOptions {
  batch?: number | string
  batchSize?: number | string
  batchWait?: number
  batchSafeLimit?: number
  batchSafeSize?: number | string
  failhard: boolean
  canary?: string
  steps?: (number | string)[]
  gate?: string
  gateTimeout?: number
  maxFail?: number | string
  stopOnChangeIn?: string
  pauseBetween?: true | number
}

export function addRolloutOptions(command: Command): Command {
  return command
    .optionsGroup('Rollout, run by the master:')
    .addOption(
      new Option('-b, --batch-size <number|share>', 'at most so many at once: 5, 10%').argParser(amount),
    )
    .addOption(new Option('--batch <number|share>', 'the same').argParser(amount))
    .addOption(
      new Option('--batch-wait <time>', 'between a minion and the one that takes its place').argParser(
        seconds,
      ),
    )
    .addOption(
      new Option('--batch-safe-limit <number>', 'a batch only for more targets than these').argParser(whole),
    )
    .addOption(
      new Option('--batch-safe-size <number>', 'and then so many at once (default: 8)').argParser(amount),
    )
    .option('--failhard', 'stop at the first failure (--max-fail 0)', false)
    .option('--canary <number|target>', 'these first, then a look before the others')
    .addOption(new Option('--steps <numbers>', 'how far each step goes: 1,10%,50%,100%').argParser(stepList))
    .option(
      '--gate <command|address>',
      'has to end with 0, or answer below 400, on each minion after its turn',
    )
    .addOption(
      new Option('--gate-timeout <time>', 'how long a gate is asked (default: 60)').argParser(seconds),
    )
    .addOption(
      new Option('--max-fail <number|share>', 'more failures stop it (default: none may fail)').argParser(
        failures,
      ),
    )
    .option('--stop-on-change-in <target>', 'stop where one of these reports a change')
    .addOption(
      new Option('--pause-between [time]', 'between steps; without a time until it is resumed').argParser(
        seconds,
      ),
    )
}

/** @param count asks how many minions are meant. @returns undefined where it is no rollout */
export async function rolloutWish(
  options: RolloutOptions,
  count: () => Promise<number>,
): Promise<RolloutWish | undefined> {
  const { batch, canary, steps, gate, maxFail, stopOnChangeIn, pauseBetween, batchSafeLimit } = options
  const safe =
    batch === undefined &&
    options.batchSize === undefined &&
    batchSafeLimit !== undefined &&
    (await count()) > batchSafeLimit
  const size = batch ?? options.batchSize ?? (safe ? (options.batchSafeSize ?? 8) : undefined)
  const asked = [size, canary, steps, gate, maxFail, stopOnChangeIn, pauseBetween].some(
    (each) => each !== undefined,
  )
  if (!asked) return lonely(options)
  return {
    ...(size === undefined ? {} : { batch: size }),
    ...(options.batchWait === undefined ? {} : { batchWait: options.batchWait }),
    ...(canary === undefined ? {} : { canary: /^\d+$/.test(canary) ? Number(canary) : compound(canary) }),
    ...(steps === undefined ? {} : { steps }),
    ...(gate === undefined ? {} : { gate }),
    ...(options.gateTimeout === undefined ? {} : { gateTimeout: options.gateTimeout }),
    ...(maxFail !== undefined ? { maxFail } : options.failhard ? { maxFail: 0 } : {}),
    ...(stopOnChangeIn === undefined ? {} : { stopOnChangeIn: compound(stopOnChangeIn) }),
    ...(pauseBetween === undefined ? {} : { pauseBetween }),
  }
}

/** Options that mean nothing where all minions run at once. A limit that was not reached is in order. */
function lonely({ batchWait, gateTimeout, failhard, batchSafeLimit }: RolloutOptions): undefined {
  if (batchSafeLimit !== undefined) return undefined
  const without = (option: string): TsaltError =>
    new TsaltError(
      'usage-wrong',
      { reason: `${option} means nothing where all minions run at once` },
      { hint: 'Add --batch 10%, --canary 1 or --steps.' },
    )
  if (batchWait !== undefined) throw without('--batch-wait')
  if (gateTimeout !== undefined) throw without('--gate-timeout')
  if (failhard) throw without('--failhard')
  return undefined
}

const isShare = (text: string): boolean => /^(?:100|[1-9]?\d)(?:\.\d+)?%$/.test(text)
const compound = (expression: string) => ({ kind: 'compound' as const, expression })

function amount(text: string): number | string {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  if (isShare(text)) return text
  throw new TsaltError('usage-wrong', {
    reason: `"${text}" is neither a number of minions nor a share such as 10%`,
  })
}

const stepList = (text: string): (number | string)[] => text.split(',').map((step) => amount(step.trim()))

function whole(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw new TsaltError('usage-wrong', { reason: `"${text}" is no number of minions` })
}

function failures(text: string): number | string {
  if (/^\d{1,7}$/.test(text)) return Number(text)
  if (isShare(text)) return text
  throw new TsaltError('usage-wrong', {
    reason: `"${text}" is neither a number of failures nor a share such as 5%`,
  })
}
