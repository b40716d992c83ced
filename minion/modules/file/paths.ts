/** The functions of `file` that only handle the text of paths. */
import { pureFunctions } from '../pure-function.ts'

export const paths = pureFunctions('file', {
  basename: {
    summary: 'Last step of a path.',
    args: { path: 'The path.' },
    example: "tsalt '*' file.basename /etc/hosts",
  },
  dirname: {
    summary: 'Path without its last step.',
    args: { path: 'The path.' },
    example: "tsalt '*' file.dirname /etc/hosts",
  },
  join: {
    summary: 'Steps put together to a path.',
    rest: 'The steps.',
    example: "tsalt '*' file.join /etc hosts",
  },
})
