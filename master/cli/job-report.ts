/** Prints what a job returned: as it comes or all at the end, for people or for programs. */
import { type Dict, isDict } from '../../shared/data/value.ts'
import { documentOrder, documentParts } from '../../shared/output/document-parts.ts'
import {
  formatGathered,
  formatHost,
  gatherHost,
  type HostReturn,
  isDocument,
  needsAll,
  type OutputSettings,
} from '../../shared/output/format.ts'
import { textLines } from '../../shared/output/nested.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { sortedKeys } from '../../shared/output/python-text.ts'
import { type AbsentHost, absentLines, type ShortHost } from '../../shared/output/short.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import { endingOf, type JobLedger } from './job-ledger.ts'
import { targetText } from './job-words.ts'
import { KeptReturns } from './kept-returns.ts'
import { hasNote, packable, returnHosts } from './return-hosts.ts'
import { absentHost } from './status-words.ts'

export interface ReportOptions {
  /** One document of all, at the end. */
  readonly static: boolean
  readonly hideTimeout: boolean
  readonly summary: boolean
  /** Seconds that silent minions were waited for. */
  readonly silence: number
  /** Nobody waits: the state of things is shown. */
  readonly looking?: boolean
  out(text: string): void
  /** Who reads what `out` wrote is behind: resolves when there may be more. undefined: there may be more at once. */
  ready?(): Promise<void> | undefined
  err(text: string): void
}

export class JobReport {
  private readonly kept = new KeptReturns()
  /** For the short form, which needs all of them, but of each only a card. */
  private readonly gathered: ShortHost[] = []
  private readonly settings: OutputSettings
  private readonly options: ReportOptions
  private readonly fun: string

  constructor(fun: string, settings: OutputSettings, options: ReportOptions) {
    this.fun = fun
    this.settings = settings
    this.options = options
  }

  /** Prints it at once where its form allows. */
  returned(target: TargetAccount): void {
    const hosts = returnHosts(target, this.settings)
    for (const host of hosts) {
      if (target.return && (this.options.static || this.isDocs()))
        this.kept.keep(host.id, hosts.length === 1 ? target.return : packable(host))
      else if (needsAll(host.format, this.settings)) this.gathered.push(gatherHost(host, this.settings))
      else this.options.out(formatHost(host, this.settings))
    }
  }

  /** @param wall milliseconds from the command to now; `now` wall time */
  async finish(ledger: JobLedger, wall: number, now: number): Promise<void> {
    const absent = this.absent(ledger, now)
    const { settings, options } = this
    const cards = this.cards()
    if (cards.length > 0) options.out(formatGathered(cards, settings, { absent, wall }))
    else {
      if (this.isDocs()) options.out(docsText([...this.kept.hosts()], settings))
      else await this.printKept()
      this.printAbsent(absent)
    }
    if (options.summary) this.counts(ledger)
  }

  /** Of the short form, which one state run among what was kept is enough for. */
  private cards(): readonly ShortHost[] {
    const { settings, kept } = this
    if (this.isDocs() || !kept.some((format) => needsAll(format, settings))) return sortedById(this.gathered)
    return Array.from(kept.hosts(), (host) => gatherHost(host, settings))
  }

  /** One document of all, a host at a time and no faster than it is read. */
  private async printKept(): Promise<void> {
    const { settings, options, kept } = this
    if (kept.size === 0 && !(options.static && isDocument(settings))) return
    for (const part of documentParts(kept.hosts(documentOrder(settings)), settings)) {
      options.out(part)
      await options.ready?.()
    }
  }

  private absent(ledger: JobLedger, now: number): AbsentHost[] {
    if (this.options.hideTimeout && this.settings.out !== 'no_return') return []
    const silence = this.options.looking ? undefined : this.options.silence
    return ledger
      .targets()
      .filter(({ account }) => hasNote(account) || returnHosts(account, this.settings).length === 0)
      .map(({ account }) => absentHost(account, ledger.job, now, silence, ledger.rollout !== undefined))
  }

  /** Beside a document they go to stderr, so that it stays one. */
  private printAbsent(absent: readonly AbsentHost[]): void {
    const document = isDocument(this.settings) && this.settings.out !== 'no_return'
    const paint = paintOf(this.settings.color && !document)
    if (absent.length === 0) return
    const text = `${absentLines(absent, paint, this.settings.unicode).join('\n')}\n`
    if (document) this.options.err(text)
    else this.options.out(text)
  }

  private isDocs(): boolean {
    return this.fun === 'sys.doc' && !isDocument(this.settings)
  }

  private counts(ledger: JobLedger): void {
    const endings = ledger.targets().map(({ account }) => endingOf(account))
    const returned = ledger.targets().filter(({ account }) => account.return).length
    const failed = endings.filter((ending) => ending === 'failed' || ending === 'interrupted').length
    const rule = '-------------------------------------------'
    const text = [
      '\n',
      rule,
      'Summary',
      rule,
      `# of minions targeted: ${endings.length}`,
      `# of minions returned: ${returned}`,
      `# of minions that did not return: ${endings.length - returned}`,
      `# of minions with errors: ${failed}`,
      rule,
    ].join('\n')
    if (isDocument(this.settings)) this.options.err(`${text}\n`)
    else this.options.out(`${text}\n`)
  }
}

/** Made when it is first needed: that takes 10 ms. */
let naturally: Intl.Collator | undefined
function sortedById<Host extends { readonly id: string }>(hosts: readonly Host[]): Host[] {
  if (hosts.length < 2) return [...hosts]
  naturally ??= new Intl.Collator('en', { numeric: true })
  const { compare } = naturally
  return [...hosts].sort((a, b) => compare(a.id, b.id))
}

/** The documentation of functions, once for all minions, as Salt prints it. */
function docsText(hosts: readonly HostReturn[], settings: OutputSettings): string {
  const docs: Dict = new Map()
  for (const { ret } of hosts) if (isDict(ret)) for (const [name, doc] of ret) docs.set(name, doc)
  const paint = paintOf(settings.color)
  const text = sortedKeys(docs.keys()).map((name) => {
    const lines = textLines(harmless(String(docs.get(name) ?? ''))).map((line) => `    ${line}`.trimEnd())
    return `${paint('cyan', `${harmless(String(name))}:`)}\n\n${lines.join('\n')}\n\n`
  })
  const others = hosts.filter(({ ret }) => !isDict(ret)).map((host) => formatHost(host, settings))
  return text.join('') + others.join('')
}

/** For the first line of a job. */
export function targetWords(job: JobAccount, defaulted: boolean, all: boolean): string {
  const ids = job.targets.map(({ id }) => id)
  const shown =
    all || ids.length <= 12 ? ids.join(', ') : `${ids.slice(0, 10).join(', ')} and ${ids.length - 10} more`
  const kind = defaulted ? 'default_target ' : ''
  const count = ids.length === 1 ? '1 minion' : `${ids.length} minions`
  return `Target: ${kind}${targetText(job.target)} → ${shown} (${count})`
}
