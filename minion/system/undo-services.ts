/** The first and the last of an undo: holds and services, each as it was before its first change in the job. */
import { describeError } from '../../shared/errors/error.ts'
import type { Changer } from './changer.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoPlan } from './undo-journal.ts'
import type { UndoReport } from './undo-restore.ts'

type Before = Extract<UndoEntry, { kind: 'service' }>

/** Before its files go: what did not run stops, and what was not enabled or held is that no longer. */
export async function quietServices(plan: UndoPlan, act: Changer): Promise<void> {
  for (const { name, running, enabled, masked } of firstServices(plan.entries)) {
    try {
      const now = (await act.look.services.states([name])).get(name)
      if (!running && now?.running) await act.services.stop(name)
      // Whether it is enabled below its mask was not seen.
      if (!enabled && !masked && now?.enabled) await act.services.disable(name)
    } catch {
      // Done again at the end, where it is told why it can't be.
    }
  }
}

/** @param filesChanged a service that runs reads its files again */
export async function restoreServices(
  plan: UndoPlan,
  act: Changer,
  filesChanged: boolean,
): Promise<UndoReport> {
  const restored: string[] = []
  const left: { what: string; why: string }[] = []
  const attempt = async (what: string, action: () => Promise<void>) => {
    try {
      await action()
      restored.push(what)
    } catch (error) {
      // The next one may still be put back; this one is named in the report.
      left.push({ what, why: describeError(error) })
    }
  }
  for (const [name, held] of firstHolds(plan.entries)) {
    if (((await act.look.packages.installed()).get(name)?.held ?? false) === held) continue
    await attempt(`hold of ${name}`, () => (held ? act.packages.hold([name]) : act.packages.unhold([name])))
  }
  const services = firstServices(plan.entries)
  const made = madeServices(plan.entries)
  if (services.length > 0 && filesChanged) await attempt('unit files', () => act.services.daemonReload())
  for (const before of services) {
    await attempt(`service ${before.name}`, () =>
      restoreService(before, act, filesChanged, made.has(before.name)),
    )
  }
  return { restored, left }
}

export function firstHolds(entries: readonly UndoEntry[]): Map<string, boolean> {
  const first = new Map<string, boolean>()
  for (const entry of entries) {
    if (entry.kind !== 'held') continue
    for (const [name, held] of Object.entries(entry.before)) if (!first.has(name)) first.set(name, held)
  }
  return first
}

export function firstServices(entries: readonly UndoEntry[]): Before[] {
  const first = new Map<string, Before>()
  for (const entry of entries) {
    if (entry.kind === 'service' && !first.has(entry.name)) first.set(entry.name, entry)
  }
  return [...first.values()]
}

/** Services of the job's own: their unit was made by it, or may have come with a package of it. */
export function madeServices(entries: readonly UndoEntry[]): Set<string> {
  const packages = entries.some(
    (entry) => entry.kind === 'packages' && Object.values(entry.before).includes(null),
  )
  const files = new Set(entries.flatMap((entry) => (entry.kind === 'absent' ? [entry.path] : [])))
  const names = firstServices(entries).map(({ name }) => name)
  return new Set(
    names.filter(
      (name) => packages || [...files].some((path) => unitOf(path) === name.replace(/\.service$/, '')),
    ),
  )
}

const unitOf = (path: string): string | undefined => /\/([^/]+)\.service$/.exec(path)?.[1]

async function restoreService(
  before: Before,
  act: Changer,
  filesChanged: boolean,
  made: boolean,
): Promise<void> {
  const { name, running, enabled, masked } = before
  const now = (await act.look.services.states([name])).get(name)
  if (!now?.exists) {
    if ((running || enabled) && !made) throw new Error('it no longer exists')
    return
  }
  if (now.masked && !masked) await act.services.unmask(name)
  if (now.enabled !== enabled && !masked)
    await (enabled ? act.services.enable(name) : act.services.disable(name))
  if (running && now.running && filesChanged) await act.services.restart(name)
  else if (running && !now.running) await act.services.start(name)
  else if (!running && now.running) await act.services.stop(name)
  if (masked && !now.masked) await act.services.mask(name)
}
