/** The JavaScript of statements. */
import { constantTruth, isConstant, mayBeConstant } from './constant-shapes.ts'
import { generateFilter } from './generate-calls.ts'
import { generateExpression, generateTruth } from './generate-expressions.ts'
import { generateFoldedPrint, isPrintTried } from './generate-folded.ts'
import { generateFor } from './generate-for.ts'
import { generateCallBlock, generateMacro } from './generate-macros.ts'
import {
  generateBlockCall,
  generateExtends,
  generateFromImport,
  generateImport,
  generateInclude,
} from './generate-templates.ts'
import { type Frame, type Generator, innerFrame, refuse } from './generator.ts'
import type { Expression, IfNode, SetBlockNode, Statement, Target, WithNode } from './nodes.ts'

export function generateStatements(generator: Generator, body: readonly Statement[], frame: Frame): void {
  for (const statement of body) generateStatement(generator, statement, frame)
}

function generateStatement(generator: Generator, node: Statement, frame: Frame): void {
  switch (node.kind) {
    case 'data':
      generateData(generator, node.text, node.at, frame)
      return
    case 'print':
      generatePrinted(generator, node.value, node.at, frame)
      return
    case 'for':
      generateFor(generator, node, frame)
      return
    case 'if':
      generateIf(generator, node, frame)
      return
    case 'macro':
      generateMacro(generator, node, frame)
      return
    case 'callblock':
      generateCallBlock(generator, node, frame)
      return
    case 'filterblock': {
      const inner = generateBuffered(generator, node.body, frame)
      const filtered = generateFilter(generator, node.filter, frame, inner)
      generatePrint(generator, `R.textAlone(${filtered},${generator.at(node.at)})`, node.at, {
        ...frame,
        escapes: 'never',
      })
      return
    }
    case 'with':
      generateWith(generator, node, frame)
      return
    case 'set':
      generateAssign(generator, node.target, generateExpression(generator, node.value, frame), frame)
      return
    case 'setblock':
      generateSetBlock(generator, node, frame)
      return
    case 'block':
      generateBlockCall(generator, node, frame)
      return
    case 'extends':
      generateExtends(generator, node.template, node.at, frame)
      return
    case 'include':
      generateInclude(generator, node, frame)
      return
    case 'import':
      generateImport(generator, node, frame)
      return
    case 'fromimport':
      generateFromImport(generator, node, frame)
      return
    case 'do':
      generator.emit(`${generateExpression(generator, node.value, frame)};`)
      return
    default:
      generateRest(generator, node, frame)
      return
  }
}

type RestNode = Extract<Statement, { kind: 'autoescape' | 'scope' | 'break' | 'continue' }>

function generateRest(generator: Generator, node: RestNode, frame: Frame): void {
  if (node.kind === 'scope') {
    generateScope(generator, node.body, frame)
    return
  }
  if (node.kind === 'autoescape') {
    generateAutoescape(generator, node, frame)
    return
  }
  if (!frame.inLoop) refuse(`'${node.kind}' outside loop`, node.at)
  generator.emit(`${node.kind};`)
}

function generateAutoescape(
  generator: Generator,
  node: Extract<RestNode, { kind: 'autoescape' }>,
  frame: Frame,
): void {
  const before = generator.fresh('a')
  generator.emit(
    `const ${before}=R.autoescape;R.autoescape=${generateTruth(generator, node.value, frame)};try{`,
  )
  const known = escapingBy(node.value)
  generateStatements(generator, node.body, { ...frame, escapes: frame.escapes === 'asked' ? 'asked' : known })
  generator.emit(`}finally{R.autoescape=${before}}`)
}

/** What the value of an autoescape block says, where it is known beforehand. */
function escapingBy(value: Expression): Frame['escapes'] {
  const truth = isConstant(value) ? constantTruth(value) : undefined
  if (truth === undefined) return 'asked'
  return truth ? 'always' : 'never'
}

/** Of a constant Jinja asks before the rendering whether it is to be escaped. */
function generatePrinted(generator: Generator, value: Expression, at: number, frame: Frame): void {
  generator.printed = mayBeConstant(value) ? value : undefined
  const made = generateExpression(generator, value, frame)
  generator.printed = undefined
  if (!isPrintTried(value, frame)) {
    generatePrint(generator, made, at, frame)
    return
  }
  const isAsked = frame.escapes === 'asked'
  const late = isAsked ? `R.escaped(${made},${generator.at(at)})` : made
  const tried = generateFoldedPrint(generator, value, frame, late)
  generatePrint(generator, tried, at, isAsked ? { ...frame, escapes: 'never' } : frame)
}

function generateData(generator: Generator, text: string, at: number, frame: Frame): void {
  // Nobody asks for the place of white space.
  if (frame.marks !== undefined && /\S/.test(text))
    generator.emit(`${frame.marks}.push(${frame.output}.length,${generator.position(at, at + text.length)});`)
  generator.emit(`${frame.output}+=${JSON.stringify(text)};`)
}

export function generatePrint(generator: Generator, value: string, at: number, frame: Frame): void {
  const position = generator.position(at)
  const printed =
    frame.escapes === 'never'
      ? value
      : frame.escapes === 'always'
        ? `${generator.use('escapedText')}(${value},p=${position})`
        : `R.escaped(${value},p=${position})`
  const { output, marks } = frame
  generator.emit(
    marks === undefined
      ? `${output}+=${generator.use('text')}(${printed},p=${position});`
      : `${output}=${generator.use('put')}(R,${marks},${output},${printed},p=${position});`,
  )
}

function generateIf(generator: Generator, node: IfNode, frame: Frame): void {
  const soft: Frame = { ...frame, rootlevel: false, soft: true }
  generator.emit(`if(${generateTruth(generator, node.test, soft)}){`)
  generateStatements(generator, node.body, soft)
  for (const { test, body } of node.elifs) {
    generator.emit(`}else if(${generateTruth(generator, test, soft)}){`)
    generateStatements(generator, body, soft)
  }
  if (node.otherwise.length > 0) {
    generator.emit('}else{')
    generateStatements(generator, node.otherwise, soft)
  }
  generator.emit('}')
}

function generateScope(generator: Generator, body: readonly Statement[], frame: Frame): void {
  const scope = innerFrame(frame)
  scope.symbols.visit(body)
  generator.emit('{')
  generator.enter(scope)
  generateStatements(generator, body, scope)
  generator.emit('}')
}

function generateWith(generator: Generator, node: WithNode, frame: Frame): void {
  const scope = innerFrame(frame)
  const names: string[] = []
  for (const target of node.targets) {
    scope.symbols.visitTarget(target, true)
    collectRefs(target, scope, names)
  }
  scope.symbols.visit(node.body)
  generator.emit('{')
  if (names.length > 0) generator.emit(`let ${[...new Set(names)].join(',')};`)
  node.targets.forEach((target, index) => {
    const value = node.values[index]
    if (value !== undefined)
      generateStore(generator, target, generateExpression(generator, value, frame), scope)
  })
  generator.enter(scope)
  generateStatements(generator, node.body, scope)
  generator.emit('}')
}

export function collectRefs(target: Target, frame: Frame, into: string[]): void {
  if (target.kind === 'tuple') for (const item of target.items) collectRefs(item, frame, into)
  else if (target.kind === 'name') into.push(frame.symbols.findRef(target.name) ?? '')
}

/** A body with an output of its own, in a scope of its own. @returns its text as an expression */
export function generateBuffered(generator: Generator, body: readonly Statement[], frame: Frame): string {
  const output = generator.fresh('o')
  const scope = innerFrame(frame, { output, marks: undefined })
  scope.symbols.visit(body)
  generator.emit(`let ${output}='';{`)
  generator.enter(scope)
  generateStatements(generator, body, scope)
  generator.emit('}')
  return generator.escaping ? `R.markup(${output})` : output
}

function generateSetBlock(generator: Generator, node: SetBlockNode, frame: Frame): void {
  generator.emit('{')
  const inner = generateBuffered(generator, node.body, frame)
  const value = node.filter === undefined ? inner : generateFilter(generator, node.filter, frame, inner)
  generateAssign(generator, node.target, value, frame)
  generator.emit('}')
}

/** Sets a target to a value; at the template's level it is exported too. */
export function generateAssign(generator: Generator, target: Target, value: string, frame: Frame): void {
  generateStore(generator, target, value, frame)
  if (frame.toplevel) generateExport(generator, target, frame)
}

function generateExport(generator: Generator, target: Target, frame: Frame): void {
  if (target.kind === 'tuple') for (const item of target.items) generateExport(generator, item, frame)
  else if (target.kind === 'name') generator.emit(exportCode(target.name, frame))
}

export function exportCode(name: string, frame: Frame): string {
  return `X.set(${JSON.stringify(name)},${frame.symbols.findRef(name)});`
}

export function generateStore(generator: Generator, target: Target, value: string, frame: Frame): void {
  const position = generator.at(target.at)
  if (target.kind === 'name') {
    generator.emit(`${frame.symbols.findRef(target.name)}=${value};`)
    return
  }
  if (target.kind === 'namespace') {
    const ref = frame.symbols.findRef(target.name)
    const name = JSON.stringify(target.name)
    const object = `(${ref}===undefined?R.miss(X,${name}):${ref})`
    generator.emit(`R.setAttribute(${object},${JSON.stringify(target.attribute)},${value},${position});`)
    return
  }
  const items = generator.fresh('u')
  generator.emit(`const ${items}=R.unpack(${value},${target.items.length},${position});`)
  target.items.forEach((item, index) => {
    generateStore(generator, item, `${items}[${index}]`, frame)
  })
}
