/** The JavaScript of `for`: a plain loop where nothing asks for `loop`, else one over a loop object. */
import { generateExpression, generateTruth } from './generate-expressions.ts'
import { madeStart } from './generate-macros.ts'
import { collectRefs, generatePrint, generateStatements, generateStore } from './generate-statements.ts'
import { type Frame, type Generator, innerFrame, refuse } from './generator.ts'
import { mostOutput } from './limits.ts'
import { hasBreak, loopUse, storesLoop } from './loop-use.ts'
import type { Expression, ForNode, Target } from './nodes.ts'

export function generateFor(generator: Generator, node: ForNode, frame: Frame): void {
  if (storesLoop(node)) refuse("Can't assign to special loop variable in for-loop target", node.at)
  if (node.recursive) {
    generateRecursive(generator, node, frame)
    return
  }
  generator.emit('{')
  const use = loopUse(node)
  if (use === 'object') {
    const iterable = generateExpression(generator, node.iterable, frame)
    const loop = generator.fresh('L')
    const at = generator.at(node.iterable.at)
    generator.emit(`const ${loop}=R.loop(${iterable},${filterCode(generator, node, frame)},0,null,${at});`)
    generateLoop(generator, node, frame, loop)
  } else generatePlain(generator, node, frame, use === 'counters')
  generator.emit('}')
}

/** `key, value` in `object.items()`: no tuples are made. */
function pairsTarget(node: ForNode): { key: Target; value: Target; of: Expression } | undefined {
  const { target, iterable } = node
  if (target.kind !== 'tuple' || iterable.kind !== 'call' || iterable.of.kind !== 'attribute')
    return undefined
  const [key, value, more] = target.items
  if (key?.kind !== 'name' || value?.kind !== 'name' || more !== undefined) return undefined
  const hasArguments =
    iterable.args.length > 0 ||
    iterable.kwargs.length > 0 ||
    iterable.rest !== undefined ||
    iterable.keywordRest !== undefined
  return hasArguments || iterable.of.name !== 'items' ? undefined : { key, value, of: iterable.of.of }
}

interface Names {
  readonly items: string
  readonly index: string
  readonly paid: string
  readonly empty: string
  readonly count: string
}

/** Gives the target its value; with the step of the index. */
function stored(generator: Generator, node: ForNode, scope: Frame, { items, index }: Names): void {
  declareTarget(generator, node, scope)
  const pair = pairsTarget(node)
  if (pair === undefined) {
    generateStore(generator, node.target, `${items}[${index}]`, scope)
    return
  }
  generateStore(generator, pair.key, `${items}[${index}]`, scope)
  generateStore(generator, pair.value, `${items}[${index}+1]`, scope)
}

function generatePlain(generator: Generator, node: ForNode, frame: Frame, counting: boolean): void {
  const fresh = (prefix: string): string => generator.fresh(prefix)
  const names: Names = {
    items: fresh('s'),
    index: fresh('i'),
    paid: fresh('n'),
    empty: fresh('e'),
    count: fresh('c'),
  }
  const { items, index, paid, count } = names
  const pair = pairsTarget(node)
  const step = pair === undefined ? `${index}++` : `${index}+=2`
  if (node.otherwise.length > 0) generator.emit(`let ${names.empty}=true;`)
  const source = generateExpression(generator, pair === undefined ? node.iterable : pair.of, frame)
  const isOneByOne = pair === undefined && (!counting || hasBreak(node.body))
  const make = generator.use(pair !== undefined ? 'pairs' : isOneByOne ? 'itemsOneByOne' : 'items')
  generator.emit(
    `const ${items}=${make}(R,${source},${generator.at(node.iterable.at)});let ${paid}=${items}.length;`,
  )
  const skips = node.condition !== undefined
  if (counting && skips) generator.emit(`let ${count}=-1;`)
  const another = isOneByOne ? `||${generator.use('pull')}(${items})` : ''
  generator.emit(`for(let ${index}=0;${index}<${items}.length${another};${step}){`)
  generator.emit(`if(${index}>=${paid})${paid}=${generator.use('more')}(R,${paid},${items}.length);`)
  if (node.condition !== undefined) generateCondition(generator, node, node.condition, frame, names)
  if (counting && skips) generator.emit(`${count}++;`)
  generateBody(generator, node, frame, names, counting)
  generateElse(generator, node, frame, names.empty)
}

function generateCondition(
  generator: Generator,
  node: ForNode,
  condition: Expression,
  frame: Frame,
  names: Names,
): void {
  const test = innerFrame(frame)
  test.symbols.visitTarget(node.target, true)
  test.symbols.visitExpression(condition)
  generator.emit('{')
  stored(generator, node, test, names)
  generator.enter(test)
  generator.emit(`if(!${generateTruth(generator, condition, test)})continue;}`)
}

function generateBody(
  generator: Generator,
  node: ForNode,
  frame: Frame,
  names: Names,
  counting: boolean,
): void {
  const scope = innerFrame(frame, { inLoop: true })
  const loop = counting ? scope.symbols.declare('loop') : undefined
  scope.symbols.visitTarget(node.target, true)
  scope.symbols.visit(node.body)
  stored(generator, node, scope, names)
  generator.enter(scope)
  if (loop !== undefined) {
    const { items, index, count } = names
    const isPair = pairsTarget(node) !== undefined
    const plain = isPair ? `(${index}/2)` : index
    generator.counters.set(loop, {
      index: node.condition === undefined ? plain : count,
      length: isPair ? `(${items}.length/2)` : `${items}.length`,
    })
  }
  generateStatements(generator, node.body, scope)
  if (loop !== undefined) generator.counters.delete(loop)
  generateEnd(generator, node, frame, names.empty)
}

/** The end of a pass. */
function generateEnd(generator: Generator, node: ForNode, frame: Frame, empty: string): void {
  // At its end, as Jinja: `else` follows too where every pass was cut short by break or continue.
  if (node.otherwise.length > 0) generator.emit(`${empty}=false;`)
  generator.emit(
    `if(${frame.output}.length>${mostOutput})${generator.use('checkText')}(${frame.output}.length);`,
  )
  generator.emit('}')
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
  const scope = innerFrame(frame, { inLoop: true })
  const ref = scope.symbols.declare('loop')
  scope.symbols.visitTarget(node.target, true)
  scope.symbols.visit(node.body)
  const item = generator.fresh('x')
  const empty = generator.fresh('e')
  if (node.otherwise.length > 0) generator.emit(`let ${empty}=true;`)
  generator.emit(`for(let ${item};(${item}=${loop}.next())!==undefined;){R.step();`)
  generator.emit(`const ${ref}=${loop};`)
  declareTarget(generator, node, scope)
  generateStore(generator, node.target, item, scope)
  generator.enter(scope)
  generateStatements(generator, node.body, scope)
  generateEnd(generator, node, frame, empty)
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
  const output = generator.fresh('o')
  const marks = generator.mapped ? generator.fresh('m') : undefined
  const loop = generator.fresh('L')
  const inner: Frame = { ...frame, output, marks, inLoop: false }
  generator.emit(`{const ${run}=(I,D)=>{R.enter();`)
  generator.functionBody(
    () => {
      const at = generator.at(node.iterable.at)
      generator.emit(`const ${loop}=R.loop(I,${filterCode(generator, node, inner)},D,${run},${at});`)
      generateLoop(generator, node, inner, loop)
      generator.emit(`return R.made(${output}${marks === undefined ? '' : `,${marks}`});`)
    },
    madeStart(output, marks),
    'R.leave();',
  )
  generator.emit('};')
  generatePrint(generator, `${run}(${generateExpression(generator, node.iterable, frame)},0)`, node.at, frame)
  generator.emit('}')
}
