/** Makes the JavaScript of a template. Nothing of the template's text stands in it but as JSON strings and numbers. */
import type { CodeFunction } from './code-functions.ts'
import { type EarlyQuestion, earlyQuestions } from './early-faults.ts'
import { SyntaxFault } from './fault.ts'
import { generateEarly } from './generate-early.ts'
import { generateStatements } from './generate-statements.ts'
import { anywhere, bodiesOf, mentions } from './node-walk.ts'
import type { BlockNode, Expression, Statement, TemplateNode } from './nodes.ts'
import { Symbols } from './scopes.ts'
import type { Registry } from './values.ts'

/** A scope in the making. */
export interface Frame {
  readonly symbols: Symbols
  /** The template's own level, in an `if` too: what is set here is exported. */
  readonly toplevel: boolean
  /** Directly at the template's level. */
  readonly rootlevel: boolean
  /** In an `if`: filters may be missing as long as they are not reached. */
  readonly soft: boolean
  /** What is asked of constants before the rendering: they are computed as Jinja does when it compiles. */
  readonly early?: boolean
  /** Inside of a loop of the same function. */
  readonly inLoop: boolean
  /** The JavaScript variable of the text in the making. */
  readonly output: string
  /** The one of its marks; undefined: nobody asks for them. */
  readonly marks: string | undefined
  /** Whether what is printed is escaped; asked: it depends on a value. */
  readonly escapes: 'always' | 'never' | 'asked'
  /** Parameters that may have no value yet: in the defaults of a macro. */
  readonly unsafe: boolean
}

export function innerFrame(frame: Frame, change: Partial<Frame> = {}): Frame {
  return {
    ...frame,
    symbols: frame.symbols.inner(),
    toplevel: false,
    rootlevel: false,
    soft: false,
    ...change,
  }
}

/** JavaScript expressions for what a loop over a list knows. */
export interface Counters {
  readonly index: string
  readonly length: string
}

export interface Generated {
  readonly code: string
  readonly constants: readonly unknown[]
  /** Offset and end in the template for each position. */
  readonly positions: readonly number[]
  readonly blocks: readonly string[]
}

export class Generator {
  readonly lines: string[] = []
  readonly positions: number[] = []
  readonly constants: unknown[] = []
  private readonly used = new Set<CodeFunction>()
  private readonly constantNames = new Map<string, string>()
  private readonly identifiers = new Map<string, string>()
  private numbers = 0
  private temporaries: string[] = []
  readonly filters: Registry
  readonly tests: Registry
  /** What the settings say of escaping. */
  readonly autoescape: boolean
  /** Autoescape may be on: texts of bodies ask. */
  readonly escaping: boolean
  /** Places of the output are asked for. */
  readonly mapped: boolean
  /** Number of the first position. */
  private readonly first: number
  /** What is asked before the rendering. */
  private readonly early = new Map<Expression, readonly EarlyQuestion[]>()
  /** What is printed and may be constant, while its code is made. */
  printed: Expression | undefined
  /** Loops whose `loop` is made of the counters of the JavaScript loop, by the variable that it would be. */
  readonly counters = new Map<string, Counters>()

  constructor(tables: Tables, escaping: boolean) {
    this.filters = tables.filters
    this.tests = tables.tests
    this.mapped = tables.mapped
    this.first = tables.number
    this.escaping = escaping
    this.autoescape = tables.autoescape
  }

  readonly identify = (name: string, level: number): string => {
    const key = `${level} ${name}`
    const known = this.identifiers.get(key)
    if (known !== undefined) return known
    const made = `v${this.identifiers.size}`
    this.identifiers.set(key, made)
    return made
  }

  emit(line: string): void {
    this.lines.push(line)
  }

  /** A name that is used once. */
  fresh(prefix: string): string {
    this.numbers += 1
    return `${prefix}${this.numbers}`
  }

  /** A variable of the function in the making. */
  temporary(): string {
    const name = this.fresh('t')
    this.temporaries.push(name)
    return name
  }

  /** The number of a position. */
  position(at: number, end = at): number {
    const last = this.positions.length / 2 - 1
    if (this.positions[last * 2] === at && this.positions[last * 2 + 1] === end) return this.first + last
    this.positions.push(at, end)
    return this.first + last + 1
  }

  /** The last argument of a function: notes the position after the other arguments were evaluated. */
  at(offset: number): string {
    return `p=${this.position(offset)}`
  }

  /** The name of a function that the code calls. */
  use(name: CodeFunction): string {
    this.used.add(name)
    return name
  }

  constant(key: string, value: unknown): string {
    const known = this.constantNames.get(key)
    if (known !== undefined) return known
    const made = `k${this.constants.length}`
    this.constants.push(value)
    this.constantNames.set(key, made)
    return made
  }

  /** To be called for each expression, wherever it stands. */
  foresee(node: Expression): void {
    if (node.kind === 'name' || node.kind === 'constant') return
    const questions = earlyQuestions(node, this.printed)
    if (questions.length > 0) this.early.set(node, questions)
  }

  /** What `foresee` has collected. */
  questions(): EarlyQuestion[] {
    return [...this.early.values()].flat()
  }

  /** The declarations that the code needs before it. */
  prelude(): string {
    const functions = this.used.size === 0 ? '' : `const{${[...this.used].join(',')}}=F;`
    const constants = this.constants.map((_, index) => `k${index}`)
    return functions + (constants.length === 0 ? '' : `const[${constants.join(',')}]=K;`)
  }

  /** The body of a function: with its position, its temporaries, and the place for errors that pass through. */
  functionBody(make: () => void, start = 'p=0', failing = ''): void {
    const outer = this.temporaries
    this.temporaries = []
    const line = this.lines.length
    this.emit('')
    make()
    this.emit(`}catch(e){${failing}throw R.located(e,U,p)}`)
    this.lines[line] = `let ${[start, ...this.temporaries].join(',')};try{`
    this.temporaries = outer
  }

  /** Declares the variables of a scope that begins here. */
  enter(frame: Frame): void {
    for (const [ref, load] of frame.symbols.loads) {
      if (load.kind === 'resolve') this.emit(`let ${ref}=X.get(${JSON.stringify(load.name)});`)
      else if (load.kind === 'alias') this.emit(`let ${ref}=${load.of};`)
      else if (load.kind === 'undefined') this.emit(`let ${ref};`)
    }
  }
}

export interface Tables {
  readonly filters: Registry
  readonly tests: Registry
  readonly autoescape: boolean
  readonly mapped: boolean
  /** Number of the first position. */
  readonly number: number
}

/** @throws SyntaxFault */
export function generate(template: TemplateNode, tables: Tables): Generated {
  const escaping = tables.autoescape || anywhere(template.body, (node) => node.kind === 'autoescape')
  const generator = new Generator(tables, escaping)
  generator.emit('const blocks=new Map();')
  const blocks = blocksIn(template.body)
  const root = generateRoot(generator, template)
  for (const block of blocks) generateBlock(generator, block)
  const isAsked = generateEarly(generator, root)
  generator.emit(isAsked ? 'return{root(R,X,O){early(R);root(R,X,O)},blocks};' : 'return{root,blocks};')
  return {
    code: `${generator.prelude()}\n${generator.lines.join('\n')}`,
    constants: generator.constants,
    positions: generator.positions,
    blocks: blocks.map(({ name }) => name),
  }
}

/** A function that prints into the output `O`. */
function printing(generator: Generator, make: () => void): void {
  generator.functionBody(
    () => {
      make()
      generator.emit('O.text=o;')
    },
    generator.mapped ? 'p=0,o=O.text,M=O.marks' : 'p=0,o=O.text',
  )
}

function blocksIn(statements: readonly Statement[]): BlockNode[] {
  return statements.flatMap((node) => [
    ...(node.kind === 'block' ? [node] : []),
    ...bodiesOf(node).flatMap((body) => blocksIn(body)),
  ])
}

/** @returns the frame of the template itself */
function generateRoot(generator: Generator, template: TemplateNode): Frame {
  const symbols = new Symbols(undefined, generator.identify)
  if (mentions(template.body, 'self')) symbols.declare('self')
  symbols.visit(template.body)
  const frame: Frame = {
    symbols,
    toplevel: true,
    rootlevel: true,
    soft: false,
    inLoop: false,
    output: 'o',
    marks: generator.mapped ? 'M' : undefined,
    unsafe: false,
    escapes: generator.autoescape ? 'always' : 'never',
  }
  const extending = anywhere(template.body, (node) => node.kind === 'extends')
  // In parentheses: V8 compiles it at once instead of reading it twice.
  generator.emit('const root=(function(R,X,O){')
  if (extending) generator.emit('let P;const Q=O;')
  printing(generator, () => {
    const self = symbols.findRef('self')
    if (self !== undefined && symbols.findLoad(self)?.kind === 'parameter')
      generator.emit(`let ${self}=R.self(X);`)
    generator.enter(frame)
    generateStatements(generator, template.body, frame)
    if (extending) generator.emit('if(P!==undefined){R.renderParent(P,X,Q);return}')
  })
  generator.emit('});')
  return frame
}

function generateBlock(generator: Generator, block: BlockNode): void {
  const symbols = new Symbols(undefined, generator.identify)
  const wantsSelf = mentions(block.body, 'self')
  const wantsSuper = mentions(block.body, 'super')
  const self = wantsSelf ? symbols.declare('self') : undefined
  const parent = wantsSuper ? symbols.declare('super') : undefined
  symbols.visit(block.body)
  const frame: Frame = {
    symbols,
    toplevel: false,
    rootlevel: false,
    soft: false,
    inLoop: false,
    output: 'o',
    marks: generator.mapped ? 'M' : undefined,
    unsafe: false,
    escapes: generator.autoescape ? 'always' : 'never',
  }
  const name = JSON.stringify(block.name)
  const variable = generator.fresh('b')
  generator.emit(`function ${variable}(R,X,O){`)
  printing(generator, () => {
    if (self !== undefined) generator.emit(`let ${self}=R.self(X);`)
    if (parent !== undefined) generator.emit(`const ${parent}=R.superBlock(X,${name},${variable});`)
    generator.enter(frame)
    generateStatements(generator, block.body, frame)
  })
  generator.emit('}')
  generator.emit(`blocks.set(${name},{run:${variable},required:${block.required}});`)
}

export function refuse(message: string, at: number): never {
  throw new SyntaxFault(message, at)
}
