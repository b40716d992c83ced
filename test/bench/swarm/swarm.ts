/** A whole fleet on one machine: a real master, and crews of simulated minions that connect to it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { JobAccount } from '../../../master/api/schemas.ts'
import { type JobId, nextJobId } from '../../../shared/ids.ts'
import { type Report, sumOf } from './counts.ts'
import { CrewProcess } from './crew-process.ts'
import type { Fleet } from './fleet.ts'
import { processorTime, realGrains, SwarmMaster } from './swarm-master.ts'

export interface SwarmOptions {
  readonly fleet: Fleet
  readonly port: number
  /** Processes among which the minions are shared out. */
  readonly crews: number
  /** Seconds between pings of both sides. */
  readonly pingInterval: number
  readonly log: (text: string) => void
}

export class Swarm {
  readonly master: SwarmMaster
  readonly log: (text: string) => void
  readonly count: number
  readonly #options: SwarmOptions
  #crews: CrewProcess[] = []
  #last: JobId | undefined

  private constructor(options: SwarmOptions) {
    this.#options = options
    this.log = options.log
    this.count = options.fleet.count
    const configuration = `ping_interval: ${options.pingInterval}\nlog_level: warning\n`
    this.master = new SwarmMaster(options.fleet, options.port, configuration)
  }

  /** The master alone. */
  static async open(options: SwarmOptions): Promise<Swarm> {
    const swarm = new Swarm(options)
    await swarm.master.start()
    return swarm
  }

  /** Starts the crews and waits until every minion is connected. @returns milliseconds that it took */
  async gather(seconds: number): Promise<number> {
    const { fleet, crews, pingInterval, port } = this.#options
    const from = performance.now()
    const share = Math.ceil(fleet.count / crews)
    const grains = realGrains()
    for (let crew = 0; crew < crews; crew++) {
      const setup = {
        members: fleet.members,
        from: crew * share,
        to: Math.min(fleet.count, (crew + 1) * share),
        authority: readFileSync(join(fleet.pki, 'ca.crt'), 'utf8'),
        folder: join(this.master.folder, `crew-${crew}`),
        port,
        grains,
        reconDefault: 1_000,
        reconMax: 10_000,
        pingInterval: pingInterval * 1_000,
      }
      this.#crews.push(new CrewProcess(setup))
    }
    await this.allConnected(seconds)
    return performance.now() - from
  }

  async report(): Promise<Report> {
    return sumOf(await Promise.all(this.#crews.map((crew) => crew.report())))
  }

  /** Milliseconds of processor time that all minions have taken. */
  minionTime(): number {
    return this.#crews.reduce((sum, { pid }) => sum + processorTime(pid), 0)
  }

  /** @throws where not all are connected in that time */
  async allConnected(seconds: number): Promise<void> {
    await this.until(
      `all ${this.count} to be connected`,
      seconds,
      async (report) => report.connected === this.count,
    )
  }

  /** Asks the crews until `is` holds. */
  async until(what: string, seconds: number, is: (report: Report) => Promise<boolean>): Promise<Report> {
    const end = performance.now() + seconds * 1000
    for (;;) {
      const report = await this.report()
      if (await is(report)) return report
      if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}: ${text(report)}`)
      await pause(100)
    }
  }

  newJid(): JobId {
    this.#last = nextJobId(Date.now(), this.#last)
    return this.#last
  }

  /** Waits until a job has a return of every minion, and looks at each. @throws where one is wrong */
  async everyReturn(jid: JobId, seconds: number): Promise<JobAccount> {
    const end = performance.now() + seconds * 1000
    for (;;) {
      const job = await this.master.client.job(jid).catch(() => undefined)
      const returned = job?.targets.filter(({ status }) => status === 'returned').length ?? 0
      if (job !== undefined && returned === this.count) {
        const wrong = job.targets.filter(
          ({ return: result, strays }) => result?.outcome !== 'done' || strays !== undefined,
        )
        if (wrong.length > 0) throw new Error(`${jid}: ${wrong.length} wrong, ${JSON.stringify(wrong[0])}`)
        return job
      }
      if (performance.now() > end) throw new Error(`${jid}: ${returned} of ${this.count} after ${seconds} s`)
      await pause(250)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#crews.map((crew) => crew.stop()))
    await this.master.close()
  }
}

const text = ({ applied, ...report }: Report): string => JSON.stringify({ ...report, jobs: applied.length })
