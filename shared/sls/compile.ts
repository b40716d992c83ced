/** Trees to ordered low chunks: top, render, include, extend, requisites, order. */
import type { Compiled, CompileRequest } from './compiled.ts'

export async function compileStates(request: CompileRequest): Promise<Compiled> {
  throw new Error(`to be written by the language slice: ${request.subject.id}`)
}
