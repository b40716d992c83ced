/** The JavaScript of `for`: a plain loop where nothing asks for `loop`, else one over a loop object. */
import { generateExpression, generateTruth } from './generate-expressions.ts'
import { collectRefs, generatePrint, generateStatements, generateStore } from './generate-statements.ts'
import { type Frame, type Generator, innerFrame } from './generator.ts'
import { anywhere, mentions } from './node-walk.ts'
import type { ForNode } from './nodes.ts'

export function generateFor(generator: Generator, node: ForNode, frame: Frame): void {
  const isScoped = anywhere(node.body, (inner) => inner.kind === 'block' && inner.scoped)
  const includes = anywhere(node.body, (inner) => inner.kind === 'include' && inner.withContext)
  if (node.recursive) {
    generateRecursive(generator, node, frame)
    return
  }
  generator.emit('{')
  const iterable = generateExpression(generator, node.iterable, frame)
  if (isScoped || includes || mentions(node.body, 'loop')) {
    const loop = generator.fresh('L')
    const at = `p=B+${generator.position(node.iterable.at)}`
    generator.emit(`const ${loop}=R.loop(${iterable},${filterCode(generator, node, frame)},0,null,${at});`)
    generateLoop(generator, node, frame, loop)
  } else generatePlain(generator, node, frame, iterable)
  generator.emit('}')
}

/** The scope of the body, with the loop's own variables declared. */
function bodyFrame(node: ForNode, frame: Frame): { scope: Frame; loop: string } {
  const scope = innerFrame(frame, { inLoop: true })
  const loop = scope.symbols.declare('loop')
  scope.symbols.visitTarget(node.target, true)
  scope.symbols.visit(node.body)
  return { scope, loop }
}

function generatePlain(generator: Generator, node: ForNode, frame: Frame, iterable: string): void {
  const scope = innerFrame(frame, { inLoop: true })
  scope.symbols.visitTarget(node.target, true)
  scope.symbols.visit(node.body)
  const items = generator.fresh('s')
  const index = generator.fresh('i')
  const empty = generator.fresh('e')
  const at = `p=B+${generator.position(node.iterable.at)}`
  if (node.otherwise.length > 0) generator.emit(`let ${empty}=true;`)
  generator.emit(`const ${items}=R.iterate(${iterable},${at});`)
  generator.emit(`for(let ${index}=0;${index}<${items}.length;${index}++){R.step();`)
  if (node.condition !== undefined) {
    const test = innerFrame(frame)
    test.symbols.visitTarget(node.target, true)
    test.symbols.visitExpression(node.condition)
    generator.emit('{')
    declareTarget(generator, node, test)
    generateStore(generator, node.target, `${items}[${index}]`, test)
    generator.enter(test)
    generator.emit(`if(!${generateTruth(generator, node.condition, test)})continue;}`)
  }
  declareTarget(generator, node, scope)
  generateStore(generator, node.target, `${items}[${index}]`, scope)
  generator.enter(scope)
  generateStatements(generator, node.body, scope)
  // At its end, as Jinja: `else` follows too where every pass was cut short by break or continue.
  if (node.otherwise.length > 0) generator.emit(`${empty}=false;`)
  generator.emit('}')
  generateElse(generator, node, frame, empty)
}

function declareTarget(generator: Generator, node: ForNode, frame: Frame): void {
  const names: string[] = []
  collectRefs(node.target, frame, names)
  if (names.length > 0) generator.emit(`let ${[...new Set(names)].join(',')};`)
}

/** The condition as a function of an item; null: none. */
function filterCode(generator: Generator, node: ForNode, frame: Frame): string {
  if (node.condition === undefined) return 'null'
  const test = innerFrame(frame)
  test.symbols.visitTarget(node.target, true)
  test.symbols.visitExpression(node.condition)
  const start = generator.lines.length
  const item = generator.fresh('x')
  generator.emit(`(${item})=>{`)
  declareTarget(generator, node, test)
  generateStore(generator, node.target, item, test)
  generator.enter(test)
  generator.emit(`return ${generateTruth(generator, node.condition, test)}}`)
  return generator.lines.splice(start).join('\n')
}

/** A loop over the loop object in the variable `loop`. */
function generateLoop(generator: Generator, node: ForNode, frame: Frame, loop: string): void {
  const { scope, loop: ref } = bodyFrame(node, frame)
  const item = generator.fresh('x')
  const empty = generator.fresh('e')
  if (node.otherwise.length > 0) generator.emit(`let ${empty}=true;`)
  generator.emit(`for(let ${item};(${item}=${loop}.next())!==undefined;){R.step();`)
  generator.emit(`const ${ref}=${loop};`)
  declareTarget(generator, node, scope)
  generateStore(generator, node.target, item, scope)
  generator.enter(scope)
  generateStatements(generator, node.body, scope)
  if (node.otherwise.length > 0) generator.emit(`${empty}=false;`)
  generator.emit('}')
  generateElse(generator, node, frame, empty)
}

function generateElse(generator: Generator, node: ForNode, frame: Frame, empty: string): void {
  if (node.otherwise.length === 0) return
  const scope = innerFrame(frame)
  scope.symbols.visit(node.otherwise)
  generator.emit(`if(${empty}){`)
  generator.enter(scope)
  generateStatements(generator, node.otherwise, scope)
  generator.emit('}')
}

/** The loop is a function that `loop(…)` calls with other items; it gives its text. */
function generateRecursive(generator: Generator, node: ForNode, frame: Frame): void {
  const run = generator.fresh('r')
  const output = generator.fresh('O')
  const loop = generator.fresh('L')
  const inner: Frame = { ...frame, output, inLoop: false }
  generator.emit(`{const ${run}=(items,depth)=>{const ${output}=R.output();`)
  generator.functionBody(() => {
    const at = `p=B+${generator.position(node.iterable.at)}`
    generator.emit(`const ${loop}=R.loop(items,${filterCode(generator, node, inner)},depth,${run},${at});`)
    generateLoop(generator, node, inner, loop)
    generator.emit(`return ${generator.escaping ? `R.markup(${output}.text)` : `${output}.text`};`)
  })
  generator.emit('};')
  generatePrint(generator, `${run}(${generateExpression(generator, node.iterable, frame)},0)`, node.at, frame)
  generator.emit('}')
}
