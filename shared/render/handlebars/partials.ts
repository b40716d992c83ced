/** Which partials a template names, so that they can be read before it runs. */
import type { Place } from '../../data/place.ts'
import { TsaltError } from '../../errors/error.ts'
import type { TextSource } from '../source-map.ts'
import type { parseTemplate } from './engine.ts'

type Program = ReturnType<typeof parseTemplate>

/** @throws TsaltError `template-syntax` for a partial whose name is computed, or a decorator */
export function partialNames(program: Program, source: TextSource): { name: string; at: Place }[] {
  const names: { name: string; at: Place }[] = []
  collect(program)
  return names

  function collect(part: Program): void {
    for (const statement of part.body) {
      const at = source.placeAt(statement.loc.start.line, statement.loc.start.column + 1)
      if (statement.type === 'PartialStatement' || statement.type === 'PartialBlockStatement') {
        const { name } = statement as unknown as { name: { type: string; original?: unknown } }
        if (name.type === 'SubExpression')
          throw new TsaltError(
            'template-syntax',
            { reason: 'the name of a partial cannot be computed' },
            { place: at, hint: 'Choose between partials with {{#if …}}.' },
          )
        if (name.original !== '@partial-block') names.push({ name: String(name.original), at })
      } else if (statement.type === 'Decorator' || statement.type === 'DecoratorBlock') {
        throw new TsaltError(
          'template-syntax',
          { reason: 'decorators and inline partials are not supported' },
          { place: at, hint: 'Put the partial in a file of its own: {{> path/to/file}}.' },
        )
      }
      const { program: inner, inverse } = statement as { program?: Program | null; inverse?: Program | null }
      if (inner) collect(inner)
      if (inverse) collect(inverse)
    }
  }
}
