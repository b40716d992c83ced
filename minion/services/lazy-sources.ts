/** A SourceReader that opens its trees at the first question: most jobs never ask one. */
import type { SourceReader } from '../system/reader.ts'

export function lazySources(open: () => Promise<SourceReader>): SourceReader {
  let opening: Promise<SourceReader> | undefined
  const opened = (): Promise<SourceReader> => {
    opening ??= open()
    return opening
  }
  return {
    fetch: async (url, environment) => (await opened()).fetch(url, environment),
    download: async (url, digest) => (await opened()).download(url, digest),
    tree: async (url, environment) => (await opened()).tree(url, environment),
    exists: async (url, environment) => (await opened()).exists(url, environment),
    render: async (engine, source, context) => (await opened()).render(engine, source, context),
    load: async (renderer, source, context) => (await opened()).load?.(renderer, source, context) ?? null,
  }
}
