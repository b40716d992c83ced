/** Puts data back that a template changed: pillar and grains are everybody's, and a template may be rendered again. */
import { copyOfDict, type RuntimeDict, type RuntimeList, restoreDict } from './values.ts'

export class Undo {
  private readonly lists = new Map<RuntimeList, RuntimeList>()
  private readonly dicts = new Map<RuntimeDict, RuntimeDict>()

  /** Before the first change of a container. */
  note(container: RuntimeList | RuntimeDict): void {
    if (Array.isArray(container)) {
      if (!this.lists.has(container)) this.lists.set(container, [...container])
    } else if (!this.dicts.has(container)) this.dicts.set(container, copyOfDict(container))
  }

  restore(): void {
    for (const [list, before] of this.lists) {
      list.length = 0
      for (const item of before) list.push(item)
    }
    for (const [dict, before] of this.dicts) restoreDict(dict, before)
    this.lists.clear()
    this.dicts.clear()
  }
}
