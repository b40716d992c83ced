/** What all states of RabbitMQ share. */
import { optional } from '../../shared/schema/argument.ts'
import { accountName, readText } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { Broker } from '../databases/rabbitmq/broker.ts'
import type { Reader } from '../system/reader.ts'
import type { Decision, StateRun } from './contract.ts'
import { withServer } from './database-trouble.ts'

export const runas = optional(accountName, "Account that runs rabbitmqctl. Default: the minion's own, root.")

/** rabbitmqctl takes no name that could be an option. */
export const brokerName = shaped<string>({
  words: 'name',
  json: { type: ['string', 'number'], minLength: 1 },
  read(value) {
    const read = readText(value)
    if (read === undefined || read === '')
      return new Mismatch(`a name is expected, not ${describeValue(value)}`)
    return read.startsWith('-') || read.includes('\0')
      ? new Mismatch('it begins with "-", or has a NUL in it')
      : read
  },
})

export function onRabbitmq(
  account: string | undefined,
  look: Reader,
  run: StateRun,
  decide: (broker: Broker) => Promise<Decision>,
): Promise<Decision> {
  return withServer(run, () => decide(new Broker(account, look)))
}
