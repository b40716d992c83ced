/** Makes the JavaScript of a template. Nothing of the template's text stands in it but as JSON strings and numbers. */
import { SyntaxFault } from './fault.ts'
import { generateStatements } from './generate-statements.ts'
import { anywhere, bodiesOf, mentions } from './node-walk.ts'
import type { BlockNode, Statement, TemplateNode } from './nodes.ts'
import { Symbols } from './scopes.ts'
import type { FilterFunction, Registry } from './values.ts'

/** A scope in the making. */
export interface Frame {
  readonly symbols: Symbols
  /** The template's own level, in an `if` too: what is set here is exported. */
  readonly toplevel: boolean
  /** Directly at the template's level. */
  readonly rootlevel: boolean
  /** In an `if`: filters may be missing as long as they are not reached. */
  readonly soft: boolean
  /** Inside of a loop of the same function. */
  readonly inLoop: boolean
  /** The JavaScript variable that takes the output. */
  readonly output: string
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

export interface Generated {
  readonly code: string
  readonly constants: readonly FilterFunction[]
  /** Offset and end in the template for each position. */
  readonly positions: readonly number[]
  readonly blocks: readonly string[]
}

export class Generator {
  readonly lines: string[] = []
  readonly positions: number[] = []
  readonly constants: FilterFunction[] = []
  private readonly constantNames = new Map<string, string>()
  private readonly identifiers = new Map<string, string>()
  private numbers = 0
  private temporaries: string[] = []
  readonly filters: Registry
  readonly tests: Registry
  /** Autoescape may be on: printing asks. */
  readonly escaping: boolean

  constructor(filters: Registry, tests: Registry, escaping: boolean) {
    this.filters = filters
    this.tests = tests
    this.escaping = escaping
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

  position(at: number, end = at): number {
    const last = this.positions.length / 2 - 1
    if (this.positions[last * 2] === at && this.positions[last * 2 + 1] === end) return last
    this.positions.push(at, end)
    return last + 1
  }

  filterConstant(kind: 'filter' | 'test', name: string, run: FilterFunction): string {
    const key = `${kind} ${name}`
    const known = this.constantNames.get(key)
    if (known !== undefined) return known
    const made = `K[${this.constants.length}]`
    this.constants.push(run)
    this.constantNames.set(key, made)
    return made
  }

  /** The body of a function: with its position, its temporaries, and the place for errors that pass through. */
  functionBody(make: () => void): void {
    const outer = this.temporaries
    this.temporaries = []
    const start = this.lines.length
    this.emit('')
    this.emit('try{')
    make()
    this.emit('}catch(e){throw R.located(e,U,p)}')
    this.lines[start] = `let ${['p=0', ...this.temporaries].join(',')};`
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

/** @throws SyntaxFault */
export function generate(
  template: TemplateNode,
  tables: { filters: Registry; tests: Registry; autoescape: boolean },
): Generated {
  const escaping = tables.autoescape || anywhere(template.body, (node) => node.kind === 'autoescape')
  const generator = new Generator(tables.filters, tables.tests, escaping)
  generator.emit('const B=U.number;')
  generator.emit('const blocks=new Map();')
  const blocks = blocksIn(template.body)
  generateRoot(generator, template)
  for (const block of blocks) generateBlock(generator, block)
  generator.emit('return{root,blocks};')
  return {
    code: generator.lines.join('\n'),
    constants: generator.constants,
    positions: generator.positions,
    blocks: blocks.map(({ name }) => name),
  }
}

function blocksIn(statements: readonly Statement[]): BlockNode[] {
  return statements.flatMap((node) => [
    ...(node.kind === 'block' ? [node] : []),
    ...bodiesOf(node).flatMap((body) => blocksIn(body)),
  ])
}

function generateRoot(generator: Generator, template: TemplateNode): void {
  const symbols = new Symbols(undefined, generator.identify)
  if (mentions(template.body, 'self')) symbols.declare('self')
  symbols.visit(template.body)
  const frame: Frame = {
    symbols,
    toplevel: true,
    rootlevel: true,
    soft: false,
    inLoop: false,
    output: 'O',
    unsafe: false,
  }
  const extending = anywhere(template.body, (node) => node.kind === 'extends')
  generator.emit('function root(R,X,O){')
  if (extending) generator.emit('let P;const Q=O;')
  generator.functionBody(() => {
    const self = symbols.findRef('self')
    if (self !== undefined && symbols.findLoad(self)?.kind === 'parameter')
      generator.emit(`const ${self}=R.self(X);`)
    generator.enter(frame)
    generateStatements(generator, template.body, frame)
    if (extending) generator.emit('if(P!==undefined)R.renderParent(P,X,Q);')
  })
  generator.emit('}')
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
    output: 'O',
    unsafe: false,
  }
  const name = JSON.stringify(block.name)
  const variable = generator.fresh('b')
  generator.emit(`function ${variable}(R,X,O){`)
  generator.functionBody(() => {
    if (self !== undefined) generator.emit(`const ${self}=R.self(X);`)
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
