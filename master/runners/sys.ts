/** Runner `sys`: the runners themselves. */
import * as v from 'valibot'
import { compileGlob } from '../../shared/targeting/glob.ts'
import { runner, runnerFunction } from './contract.ts'

const match = v.optional(
  v.pipe(v.string(), v.description('A runner, a function or a glob: jobs, jobs.active, *.list*.')),
)

export const sys = runner({
  summary: 'The runners themselves.',
  functions: {
    list_functions: runnerFunction({
      summary: 'Names of the functions of runners.',
      args: v.strictObject({ match }),
      examples: ['tsalt-run sys.list_functions', 'tsalt-run sys.list_functions jobs'],
      run: async (args, { runners }) => runners.names().filter(matcher(args.match)),
    }),
    doc: runnerFunction({
      summary: 'What functions of runners do, with their arguments and examples.',
      args: v.strictObject({ match }),
      examples: ['tsalt-run sys.doc', 'tsalt-run sys.doc jobs.lookup_jid'],
      async run(args, { runners }) {
        const names = runners.names().filter(matcher(args.match))
        return new Map(names.map((name) => [name, runners.describe(name) ?? '']))
      },
    }),
  },
})

function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const glob = compileGlob(pattern)
  return (name) => glob(name) || name.startsWith(`${pattern}.`)
}
