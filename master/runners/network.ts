/** Runner `network`: wakes machines. */
import { createSocket } from 'node:dgram'
import * as v from 'valibot'
import { decodeValue } from '../../shared/data/codec.ts'
import { isDict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { RunnerAnswer, type RunnerContext, runner, runnerFunction } from './contract.ts'
import { meantBy, targetWords } from './target-words.ts'

const where = {
  bcast: v.optional(
    v.pipe(v.pipe(v.string(), v.ipv4('an IPv4 address is expected')), v.description('Where it is sent.')),
    '255.255.255.255',
  ),
  destport: v.optional(
    v.pipe(
      v.number('a port is expected'),
      v.integer('a port is expected'),
      v.minValue(1, 'a port is expected'),
      v.maxValue(65_535, 'a port is expected'),
      v.description('Its port.'),
    ),
    9,
  ),
}

interface Where {
  readonly bcast: string
  readonly destport: number
}

export const network = runner({
  summary: 'Wakes machines.',
  functions: {
    wol: runnerFunction({
      summary: 'Sends a magic packet for a network card, which wakes its machine.',
      args: v.strictObject({
        mac: v.pipe(v.string('a MAC address is expected'), v.description('Of the card: 00:16:3e:12:34:56.')),
        ...where,
      }),
      examples: [
        'tsalt-run network.wol 00:16:3e:12:34:56',
        'tsalt-run network.wol 00-16-3e-12-34-56 10.0.0.255 7',
      ],
      async run({ mac, ...to }) {
        const card = cardOf(mac)
        if (card === undefined)
          throw new TsaltError('runner-argument', {
            fun: 'network.wol',
            reason: `"${mac.slice(0, 40)}" is no MAC address`,
          })
        await send(magicPacket(card), to)
        return true
      },
    }),
    wolmatch: runnerFunction({
      summary: 'Wakes minions by the network cards that their grains named last.',
      args: v.strictObject({ ...targetWords, ...where }),
      examples: ["tsalt-run network.wolmatch 'web*'"],
      async run({ tgt, tgt_type, ...to }, context) {
        const woken: string[] = []
        const without: string[] = []
        for (const { id, generation } of await meantBy({ tgt, tgt_type }, context)) {
          const cards = cardsOf(await context.minions.grains(id, generation))
          if (cards.length === 0) without.push(id)
          for (const card of cards) {
            await send(magicPacket(card), to)
            woken.push(`Waking up ${[...card].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`)
          }
        }
        return new RunnerAnswer(
          [...woken, ...without.map((id) => `${id} has named no network card`)],
          without.length === 0 ? 0 : 1,
        )
      },
    }),
  },
})

/** undefined: it is none. */
function cardOf(mac: string): Buffer | undefined {
  const digits = mac.replaceAll(/[:.-]/g, '')
  return /^[0-9a-f]{12}$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined
}

function cardsOf(grains: Awaited<ReturnType<RunnerContext['minions']['grains']>>): Buffer[] {
  const said = grains === undefined ? null : decodeValue(grains)
  const cards = isDict(said) ? (said.get('hwaddr_interfaces') ?? null) : null
  if (!isDict(cards)) return []
  const found = [...cards.values()].flatMap((mac) => cardOf(String(mac)) ?? [])
  return found.filter((card) => card.some((byte) => byte !== 0))
}

const magicPacket = (card: Buffer): Buffer => Buffer.concat([Buffer.alloc(6, 0xff), ...Array(16).fill(card)])

async function send(packet: Buffer, { bcast, destport }: Where): Promise<void> {
  const socket = createSocket('udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(() => {
        socket.setBroadcast(true)
        socket.send(packet, destport, bcast, (error) => (error ? reject(error) : resolve()))
      })
    })
  } finally {
    socket.close()
  }
}
