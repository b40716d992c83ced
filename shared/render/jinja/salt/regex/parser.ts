/** Reads the text of a Python regular expression (the syntax of `re` for str patterns) into nodes. */
import { categoryTest, literalTest } from './characters.ts'
import { type Flags, sameFlags, withFlags } from './flags.ts'
import { type Anchor, type Node, type RepeatMode, widthOf } from './nodes.ts'
import { PatternReader } from './reader.ts'

export interface ParsedRegex {
  readonly root: Node
  /** Groups without the whole match. */
  readonly groupCount: number
  readonly groupNames: ReadonlyMap<string, number>
}

const maximumNesting = 100
const maximumGroups = 1000

/** @throws RegexSyntaxError */
export function parseRegex(pattern: string, flags: Flags): ParsedRegex {
  const parser = new Parser(pattern, flags)
  const parsed = parser.parse()
  // Flags such as (?i) hold for the whole expression, wherever they stand.
  return parser.globalFlags === flags ? parsed : new Parser(pattern, parser.globalFlags).parse()
}

class Parser extends PatternReader {
  globalFlags: Flags
  private nesting = 0
  private groupCount = 0
  /** A condition may name a group that comes after it. */
  private highestCondition = 0
  private groupsBeforeLookBehind: number | undefined
  private readonly names = new Map<string, number>()
  /** By group number; undefined while the group is open. */
  private readonly groups: (Node | undefined)[] = []

  constructor(pattern: string, flags: Flags) {
    super(pattern)
    this.globalFlags = flags
  }

  parse(): ParsedRegex {
    const root = this.alternatives(this.globalFlags)
    if (this.at < this.text.length) throw this.error('unbalanced parenthesis')
    if (this.highestCondition > this.groupCount)
      throw this.error(`invalid group reference ${this.highestCondition}`)
    return { root, groupCount: this.groupCount, groupNames: this.names }
  }

  private alternatives(flags: Flags): Node {
    this.nesting += 1
    if (this.nesting > maximumNesting) throw this.error(`groups are nested more than ${maximumNesting} deep`)
    const options = [this.sequence(flags)]
    while (this.take('|')) options.push(this.sequence(flags))
    this.nesting -= 1
    const [only] = options
    return options.length === 1 && only !== undefined ? only : { kind: 'alternatives', options }
  }

  private sequence(flags: Flags): Node {
    const items: Node[] = []
    for (;;) {
      if (flags.verbose) this.skipVerbose()
      const character = this.text[this.at]
      if (character === undefined || character === '|' || character === ')') break
      const item = this.atom(flags)
      if (item !== undefined) items.push(this.repeated(item, flags))
    }
    const [only] = items
    return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items }
  }

  private repeated(item: Node, flags: Flags): Node {
    if (flags.verbose) this.skipVerbose()
    const bounds = this.bounds()
    if (bounds === undefined) return item
    if (item.kind === 'anchor') throw this.error('nothing to repeat')
    if (item.kind === 'repeat') throw this.error('multiple repeat')
    const mode: RepeatMode = this.take('?') ? 'lazy' : this.take('+') ? 'possessive' : 'greedy'
    const repeat: Node = { kind: 'repeat', body: item, min: bounds[0], max: bounds[1], mode }
    if (flags.verbose) this.skipVerbose()
    const start = this.at
    if (this.bounds() !== undefined) {
      this.at = start
      throw this.error('multiple repeat')
    }
    return repeat
  }

  private atom(flags: Flags): Node | undefined {
    const character = this.next()
    switch (character) {
      case '.':
        return { kind: 'character', test: flags.dotAll ? () => true : (code) => code !== 10 }
      case '^':
        return anchor(flags.multiline ? 'line-start' : 'text-start')
      case '$':
        return anchor(flags.multiline ? 'line-end' : 'before-last-newline')
      case '[':
        return { kind: 'character', test: this.set(flags) }
      case '(':
        return this.group(flags)
      case '\\':
        return this.escape(flags)
      case '*':
      case '+':
      case '?':
        this.at -= 1
        throw this.error('nothing to repeat')
      case '{':
        this.at -= 1
        if (this.bounds() !== undefined) throw this.error('nothing to repeat')
        this.at += 1
        break
      default:
        break
    }
    return literal(character.codePointAt(0) ?? 0, flags)
  }

  private escape(flags: Flags): Node {
    const letter = this.next()
    const category = categoryTest(letter, flags.ascii)
    if (category !== undefined) return { kind: 'character', test: category }
    switch (letter) {
      case 'A':
        return anchor('text-start')
      case 'Z':
        return anchor('text-end')
      case 'b':
        return anchor(flags.ascii ? 'ascii-word' : 'word')
      case 'B':
        return anchor(flags.ascii ? 'ascii-not-word' : 'not-word')
      default:
        break
    }
    if (/^[1-9]$/.test(letter)) return this.numberEscape(letter, flags)
    return literal(this.characterEscape(letter), flags)
  }

  /** `\1` to `\99` are groups; three octal digits are a character. */
  private numberEscape(first: string, flags: Flags): Node {
    const second = this.text[this.at]
    let digits = first
    if (second !== undefined && /^[0-9]$/.test(second)) {
      digits += second
      this.at += 1
      const third = this.text[this.at]
      if (/^[0-7]{2}$/.test(digits) && third !== undefined && /^[0-7]$/.test(third)) {
        this.at += 1
        return literal(this.octal(digits + third), flags)
      }
    }
    return this.reference(Number(digits), flags)
  }

  private reference(group: number, flags: Flags): Node {
    if (group > this.groupCount) throw this.error(`invalid group reference ${group}`)
    if (this.groups[group] === undefined) throw this.error('cannot refer to an open group')
    this.checkInLookBehind(group)
    return { kind: 'reference', group, ignoreCase: flags.ignoreCase }
  }

  private group(flags: Flags): Node | undefined {
    if (!this.take('?')) return this.capture(undefined, flags)
    const kind = this.next()
    switch (kind) {
      case ':':
        return this.closed(this.alternatives(flags))
      case 'P':
        return this.named(flags)
      case '#':
        while (this.next() !== ')');
        return undefined
      case '=':
      case '!':
        return this.look(false, kind === '!', flags)
      case '<': {
        const direction = this.next()
        if (direction !== '=' && direction !== '!') throw this.error(`unknown extension ?<${direction}`)
        return this.look(true, direction === '!', flags)
      }
      case '>':
        return { kind: 'atomic', body: this.closed(this.alternatives(flags)) }
      case '(':
        return this.condition(flags)
      default:
        this.at -= 1
        return this.flagGroup(flags)
    }
  }

  /** An own node, so that a repetition after it repeats the whole. */
  private closed(body: Node): Node {
    if (!this.take(')')) throw this.error('missing ), unterminated subpattern')
    return { kind: 'sequence', items: [body] }
  }

  private capture(name: string | undefined, flags: Flags): Node {
    this.groupCount += 1
    const index = this.groupCount
    if (index > maximumGroups) throw this.error(`there are more than ${maximumGroups} groups`)
    if (name !== undefined) this.names.set(name, index)
    const body = this.closed(this.alternatives(flags))
    this.groups[index] = body
    return { kind: 'group', index, body }
  }

  private named(flags: Flags): Node {
    if (this.take('<')) {
      const name = this.name('>')
      if (this.names.has(name)) throw this.error(`redefinition of group name "${name}"`)
      return this.capture(name, flags)
    }
    if (!this.take('=')) throw this.error('unknown extension ?P')
    const name = this.name(')')
    const group = this.names.get(name)
    if (group === undefined) throw this.error(`unknown group name "${name}"`)
    return this.reference(group, flags)
  }

  private name(end: string): string {
    let name = ''
    for (;;) {
      const character = this.next()
      if (character === end) break
      name += character
    }
    if (name === '') throw this.error('missing group name')
    if (end !== ')' || !/^\d+$/.test(name))
      if (!/^[\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_]*$/u.test(name))
        throw this.error(`bad character in group name "${name}"`)
    return name
  }

  private look(behind: boolean, negated: boolean, flags: Flags): Node {
    const outer = this.groupsBeforeLookBehind
    if (behind) this.groupsBeforeLookBehind ??= this.groupCount
    const body = this.closed(this.alternatives(flags))
    this.groupsBeforeLookBehind = outer
    if (!behind) return { kind: 'look', behind: undefined, negated, body }
    const [low, high] = widthOf(body, this.groups)
    if (low !== high) throw this.error('look-behind requires fixed-width pattern')
    return { kind: 'look', behind: low, negated, body }
  }

  /** The width of a look-behind must be known, so only groups that ended before it can stand in it. */
  private checkInLookBehind(group: number): void {
    if (this.groupsBeforeLookBehind === undefined) return
    if (this.groups[group] === undefined) throw this.error('cannot refer to an open group')
    if (group > this.groupsBeforeLookBehind)
      throw this.error('cannot refer to group defined in the same lookbehind subpattern')
  }

  private condition(flags: Flags): Node {
    const name = this.name(')')
    const group = /^\d+$/.test(name) ? Number(name) : this.names.get(name)
    if (group === undefined) throw this.error(`unknown group name "${name}"`)
    if (group === 0) throw this.error('bad group number')
    this.checkInLookBehind(group)
    this.highestCondition = Math.max(this.highestCondition, group)
    const yes = this.sequence(flags)
    const no: Node = this.take('|') ? this.sequence(flags) : { kind: 'sequence', items: [] }
    if (this.text[this.at] === '|') throw this.error('conditional backref with more than two branches')
    return this.closed({ kind: 'condition', group, yes, no })
  }

  /** `(?i)` for all, `(?i-s:…)` for a part. */
  private flagGroup(flags: Flags): Node | undefined {
    const letters = /^([a-zA-Z]*)(?:-([a-zA-Z]+))?([):])/.exec(
      this.text.slice(this.at, this.at + 20).join(''),
    )
    if (letters === null) throw this.error(`unknown extension ?${this.text[this.at] ?? ''}`)
    const [whole, on = '', off = '', end] = letters
    if (on + off === '') throw this.error('missing flag')
    const changed = withFlags(withFlags(flags, on, true), off, false)
    if (changed === undefined) throw this.error(`unknown flag in "(?${whole}"`)
    this.at += whole.length
    if (end === ':') return this.closed(this.alternatives(changed))
    if (off !== '') throw this.error('missing :')
    const everywhere = withFlags(this.globalFlags, on, true)
    if (everywhere !== undefined && !sameFlags(everywhere, this.globalFlags)) this.globalFlags = everywhere
    return undefined
  }
}

const anchor = (where: Anchor): Node => ({ kind: 'anchor', anchor: where })

const literal = (code: number, flags: Flags): Node => ({ kind: 'character', test: literalTest(code, flags) })
