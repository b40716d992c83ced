/** Templates of a text that an earlier renderer made: their places lead on to what the user wrote. */
import type { SourceMap } from '../data/marks.ts'
import type { Place } from '../data/place.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { Stage } from './renderers.ts'
import { TextSource } from './source-map.ts'

/** @throws what `render` throws, at the place in the text as written */
export async function throughStage<Request>(
  stage: Stage,
  file: string,
  render: (request: Request) => Promise<Stage>,
  request: Request,
): Promise<Stage> {
  if (stage.source instanceof TextSource) return render(request)
  const back = new WayBack(stage, file)
  try {
    const { text, source } = await render(request)
    return { text, source: { placeOf: (offset) => back.placeOf(source.placeOf(offset)) } }
  } catch (error) {
    if (!isTsaltError(error) || error.place === undefined) throw error
    const { code, parameters, hint, cause } = error
    const related = error.related.map(({ note, place }) => ({ note, place: back.placeOf(place) }))
    const place = back.placeOf(error.place)
    throw new TsaltError(code, parameters as never, { place, related, hint, cause })
  }
}

class WayBack {
  private readonly middle: TextSource
  private readonly source: SourceMap

  constructor({ text, source }: Stage, file: string) {
    this.middle = new TextSource(text, file)
    this.source = source
  }

  /** A place in another file is where it says. */
  placeOf(place: Place): Place {
    if (place.file !== this.middle.file) return place
    return this.source.placeOf(this.middle.offsetAt(place.line, place.column))
  }
}
