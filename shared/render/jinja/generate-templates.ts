/** The JavaScript of what reaches to other templates: extends, block, include, import. */
import { generateExpression } from './generate-expressions.ts'
import { exportCode } from './generate-statements.ts'
import { type Frame, type Generator, refuse } from './generator.ts'
import type { BlockNode, Expression, FromImportNode, ImportNode, IncludeNode } from './nodes.ts'

export function generateExtends(generator: Generator, template: Expression, at: number, frame: Frame): void {
  if (!frame.toplevel) refuse('cannot use extend from a non top-level scope', at)
  const name = generateExpression(generator, template, frame)
  // What the template itself prints from here on is not shown.
  generator.emit(`P=R.extend(P,X,U,${name},${generator.at(at)});O.text=o;O=R.output();o='';`)
  if (frame.marks !== undefined) generator.emit(`${frame.marks}=O.marks;`)
}

/** Runs what prints into an output of its own, and appends that. */
function appended(generator: Generator, frame: Frame, code: (output: string) => string): string {
  const output = generator.fresh('q')
  const append = generator.use('append')
  return `{const ${output}=R.output();${code(output)};${frame.output}=${append}(${frame.output},${frame.marks ?? 'undefined'},${output});}`
}

export function generateBlockCall(generator: Generator, node: BlockNode, frame: Frame): void {
  const name = JSON.stringify(node.name)
  const locals = node.scoped ? localsCode(frame) : 'null'
  const code = appended(
    generator,
    frame,
    (output) => `R.block(X,${name},${output},${locals},${generator.at(node.at)})`,
  )
  generator.emit(frame.toplevel ? `if(!X.extended)${code}` : code)
}

/** Names and values of all variables here, for templates that see them. */
function localsCode(frame: Frame): string {
  const pairs = [...frame.symbols.allStores()].map(([name, ref]) => `${JSON.stringify(name)},${ref}`)
  return `[${pairs.join(',')}]`
}

export function generateInclude(generator: Generator, node: IncludeNode, frame: Frame): void {
  const name = generateExpression(generator, node.template, frame)
  const locals = node.withContext ? localsCode(frame) : 'null'
  const code = (output: string): string =>
    `R.include(${output},X,U,${name},${node.ignoreMissing},${locals},${generator.at(node.at)})`
  generator.emit(appended(generator, frame, code))
}

function moduleCode(generator: Generator, node: ImportNode | FromImportNode, frame: Frame): string {
  const name = generateExpression(generator, node.template, frame)
  const locals = node.withContext ? localsCode(frame) : 'null'
  return `R.importModule(X,U,${name},${locals},${generator.at(node.at)})`
}

export function generateImport(generator: Generator, node: ImportNode, frame: Frame): void {
  generator.emit(`${frame.symbols.findRef(node.target)}=${moduleCode(generator, node, frame)};`)
  if (frame.toplevel)
    generator.emit(`X.hold(${JSON.stringify(node.target)},${frame.symbols.findRef(node.target)});`)
}

export function generateFromImport(generator: Generator, node: FromImportNode, frame: Frame): void {
  const module = generator.fresh('m')
  generator.emit(`const ${module}=${moduleCode(generator, node, frame)};`)
  for (const { name, as, at } of node.names) {
    const ref = frame.symbols.findRef(as)
    generator.emit(`${ref}=R.member(${module},${JSON.stringify(name)},${generator.at(at)});`)
    if (frame.toplevel) generator.emit(exportCode(as, frame).replace('X.set', 'X.hold'))
  }
}
