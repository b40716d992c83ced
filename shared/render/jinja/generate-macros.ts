/** The JavaScript of macros and call blocks. */
import { generateCall } from './generate-calls.ts'
import { generateExpression } from './generate-expressions.ts'
import { exportCode, generatePrint, generateStatements } from './generate-statements.ts'
import { type Frame, type Generator, innerFrame, refuse } from './generator.ts'
import { mentions } from './node-walk.ts'
import type { CallBlockNode, MacroNode } from './nodes.ts'

export function generateMacro(generator: Generator, node: MacroNode, frame: Frame): void {
  generator.emit(`${frame.symbols.findRef(node.name)}=${macroCode(generator, node, node.name, frame)};`)
  if (frame.toplevel) generator.emit(exportCode(node.name, frame))
}

/** The body becomes a macro named `caller`, which the called macro gets as a keyword. */
export function generateCallBlock(generator: Generator, node: CallBlockNode, frame: Frame): void {
  const caller = generator.fresh('c')
  generator.emit(`{const ${caller}=${macroCode(generator, node, 'caller', frame)};`)
  generatePrint(generator, generateCall(generator, node.call, frame, [['caller', caller]]), node.at, frame)
  generator.emit('}')
}

const specialNames = ['caller', 'kwargs', 'varargs'] as const

/** A macro as an expression over several lines. */
function macroCode(
  generator: Generator,
  node: MacroNode | CallBlockNode,
  name: string,
  frame: Frame,
): string {
  const output = generator.fresh('o')
  const marks = generator.mapped ? generator.fresh('m') : undefined
  const scope = innerFrame(frame, { output, marks, inLoop: false })
  const names = node.parameters.map((parameter) => parameter.name)
  const refs = names.map((parameter) => scope.symbols.declare(parameter))
  const specials = specialNames.filter((special) => mentions(node.body, special) && wants(node, special))
  const specialRefs = specials
    .filter((special) => !names.includes(special))
    .map((special) => scope.symbols.declare(special))
  for (const value of node.defaults) scope.symbols.visitExpression(value)
  scope.symbols.visit(node.body)
  const start = generator.lines.length
  const flags = specialNames.map((special) => specials.includes(special)).join(',')
  generator.emit(`R.macro(${JSON.stringify(name)},${JSON.stringify(names)},${flags},`)
  generator.emit(`(${[...refs, ...specialRefs].join(',')})=>{R.enter();`)
  generator.functionBody(
    () => {
      generator.enter(scope)
      generateDefaults(generator, node, refs, scope)
      generateStatements(generator, node.body, scope)
      generator.emit(`return R.made(${output}${marks === undefined ? '' : `,${marks}`});`)
    },
    madeStart(output, marks),
    'R.leave();',
  )
  generator.emit('})')
  return generator.lines.splice(start).join('\n')
}

/** The variables of a function that makes a text. */
export function madeStart(output: string, marks: string | undefined): string {
  return `p=0,${output}=''${marks === undefined ? '' : `,${marks}=[]`}`
}

function wants(node: MacroNode | CallBlockNode, special: (typeof specialNames)[number]): boolean {
  const index = node.parameters.findIndex(({ name }) => name === special)
  if (index === -1) return true
  if (special !== 'caller') return false
  if (index < node.parameters.length - node.defaults.length)
    refuse('the argument "caller" of a macro must be left out or be given a default', node.at)
  return true
}

function generateDefaults(
  generator: Generator,
  node: MacroNode | CallBlockNode,
  refs: readonly string[],
  scope: Frame,
): void {
  refs.forEach((ref, index) => {
    const value = node.defaults[index - (refs.length - node.defaults.length)]
    const code =
      value === undefined
        ? `R.noParameter(${JSON.stringify(node.parameters[index]?.name ?? '')})`
        : generateExpression(generator, value, { ...scope, unsafe: true })
    generator.emit(`if(${ref}===undefined)${ref}=${code};`)
  })
}
