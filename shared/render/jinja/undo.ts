/** Puts data back that a template changed: pillar and grains are everybody's, and a template may be rendered again. */
import { copyOfDict, type RuntimeDict, type RuntimeList, restoreDict } from './values.ts'

/** What an empty dict was. */
const nothing: RuntimeDict = new Map()

export class Undo {
  private lists: Map<RuntimeList, RuntimeList> | undefined
  private dicts: Map<RuntimeDict, RuntimeDict> | undefined

  /** Before the first change of a container. */
  note(container: RuntimeList | RuntimeDict): void {
    if (Array.isArray(container)) {
      this.lists ??= new Map()
      if (!this.lists.has(container)) this.lists.set(container, [...container])
      return
    }
    this.dicts ??= new Map()
    if (!this.dicts.has(container))
      this.dicts.set(container, container.size === 0 ? nothing : copyOfDict(container))
  }

  restore(): void {
    this.lists?.forEach((before, list) => {
      list.length = 0
      for (const item of before) list.push(item)
    })
    this.dicts?.forEach((before, dict) => {
      restoreDict(dict, before)
    })
    this.lists = undefined
    this.dicts = undefined
  }
}
