/** Many simulated minions in one process: here, or in a child that `crew-process.ts` starts. */
import { mkdirSync } from 'node:fs'
import { IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import { systemClock } from '../../../shared/clock.ts'
import type { Json } from '../../../shared/data/codec.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { keyPairFromPem } from '../../../shared/pki/key-pair.ts'
import { noCounts, type Report } from './counts.ts'
import { readMembers } from './fleet.ts'
import { SimulatedMinion } from './simulated-minion.ts'

export interface CrewSetup {
  /** The file of members, and which of them. */
  readonly members: string
  readonly from: number
  readonly to: number
  /** PEM of the CA. */
  readonly authority: string
  /** A scratch folder: nothing is written there unless a certificate is renewed. */
  readonly folder: string
  readonly port: number
  /** Of a real minion; `id` and `host` are replaced. */
  readonly grains: { readonly [name: string]: Json }
  /** Milliseconds. */
  readonly reconDefault: number
  readonly reconMax: number
  readonly pingInterval: number
}

export class Crew {
  readonly #counts = noCounts()
  readonly #minions: SimulatedMinion[]

  constructor(setup: CrewSetup) {
    mkdirSync(setup.folder, { recursive: true, mode: 0o700 })
    const files = new IdentityFiles(setup.folder, systemClock)
    const { authority, grains, port, from, to } = setup
    this.#minions = readMembers(setup.members, from, to).map(({ privateKey, key, certificate }) => {
      const id = parseMinionId(key.id)
      return new SimulatedMinion({
        identity: { id, keys: keyPairFromPem(privateKey, id), certificate: certificate.pem, authority },
        files,
        master: { host: '127.0.0.1', port },
        grains: { ...grains, id, host: id, fqdn: id, nodename: id, localhost: id },
        reconDefault: setup.reconDefault,
        reconMax: setup.reconMax,
        pingInterval: setup.pingInterval,
        counts: this.#counts,
      })
    })
  }

  start(): void {
    for (const minion of this.#minions) minion.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#minions.map((minion) => minion.stop()))
  }

  report(): Report {
    return { ...this.#counts, applied: [...this.#counts.applied] }
  }
}
