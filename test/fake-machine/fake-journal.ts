/** An undo journal in memory, with the entries and limits of the real one. */
import { createHash } from 'node:crypto'
import type { UndoEntry } from '../../minion/system/undo-entry.ts'
import type { UndoJournal, UndoPlan } from '../../minion/system/undo-journal.ts'
import { type JobId, parseJobId, type Sha256 } from '../../shared/ids.ts'

export class FakeJournal implements UndoJournal {
  readonly imageLimit = 32 * 1_048_576
  readonly entries: UndoEntry[] = []
  readonly #images = new Map<string, Uint8Array>()

  record(entry: UndoEntry): void {
    this.entries.push(entry)
  }

  keep(content: Uint8Array): Sha256 {
    const hash = createHash('sha256').update(content).digest('hex') as Sha256
    this.#images.set(hash, new Uint8Array(content))
    return hash
  }

  close(): void {}

  /** What was recorded so far, as an undo reads it. */
  plan(jid: JobId = parseJobId('20261122040800000001')): UndoPlan {
    return {
      jid,
      entries: [...this.entries],
      image: (hash) => {
        const content = this.#images.get(hash)
        if (!content) throw new Error(`no image ${hash}`)
        return content
      },
    }
  }
}
