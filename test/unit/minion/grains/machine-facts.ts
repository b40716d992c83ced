/** A machine as plain data: paths and their texts. */
import type { FactReader } from '../../../../shared/grains/fact-reader.ts'

export function machineOf(files: Readonly<Record<string, string>>): FactReader {
  const paths = Object.keys(files)
  return {
    text: (path) => files[path],
    names: (path) =>
      [
        ...new Set(
          paths
            .filter((one) => one.startsWith(`${path}/`))
            .map((one) => one.slice(path.length + 1).split('/')[0] ?? ''),
        ),
      ].sort(),
    link: (path) => files[`${path} ->`],
    exists: (path) => paths.some((one) => one === path || one.startsWith(`${path}/`)),
  }
}
