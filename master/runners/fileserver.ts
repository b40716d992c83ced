/** Runner `fileserver`: what the master serves. */
import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type RunnerContext, type RunnerFunction, runner, runnerFunction } from './contract.ts'

const backend = v.optional(
  v.pipe(v.picklist(['roots'], 'there is one backend: roots'), v.description('The only one is roots.')),
)

const within = v.strictObject({
  saltenv: v.optional(v.pipe(v.string(), v.description('The environment.')), 'base'),
  backend,
})

/** @throws TsaltError `runner-argument` */
async function filesOf(
  fun: string,
  saltenv: string,
  { files }: Pick<RunnerContext, 'files'>,
): Promise<string[]> {
  const known = await files.environments()
  if (known.includes(saltenv)) return [...(await files.list(saltenv))].sort()
  const near = nearest(saltenv, known)
  throw new TsaltError(
    'runner-argument',
    { fun, reason: `there is no environment "${saltenv}"` },
    { hint: near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.` },
  )
}

/** `a/b/c.txt` is in `a` and in `a/b`; the root is `.`, as in Salt. */
function foldersOf(files: readonly string[]): string[] {
  const folders = new Set(['.'])
  for (const file of files)
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1))
      folders.add(file.slice(0, end))
  return [...folders].sort()
}

const rereading = (
  name: string,
  summary: string,
  answer: (environments: string[]) => RunnerAnswerOf,
): RunnerFunction =>
  runnerFunction({
    summary,
    args: v.strictObject({ backend }),
    examples: [`tsalt-run fileserver.${name}`],
    run: async (_args, { files }) => answer(Object.keys(await files.treeHashes()).sort()),
  })

type RunnerAnswerOf = boolean | { readonly roots: string[] }

export const fileserver = runner({
  summary: 'What the master serves.',
  functions: {
    envs: runnerFunction({
      summary: 'The environments of file_roots.',
      args: v.strictObject({
        backend,
        sources: v.optional(
          v.pipe(v.boolean('True or False is expected'), v.description('By backend.')),
          false,
        ),
      }),
      examples: ['tsalt-run fileserver.envs', 'tsalt-run fileserver.envs sources=True'],
      async run({ sources }, { files }) {
        const names = [...(await files.environments())].sort()
        return sources ? { roots: names } : names
      },
    }),
    file_list: runnerFunction({
      summary: 'The files of an environment.',
      args: within,
      examples: ['tsalt-run fileserver.file_list', 'tsalt-run fileserver.file_list saltenv=base'],
      run: ({ saltenv }, context) => filesOf('fileserver.file_list', saltenv, context),
    }),
    dir_list: runnerFunction({
      summary: 'The folders of an environment that hold files.',
      args: within,
      examples: ['tsalt-run fileserver.dir_list', 'tsalt-run fileserver.dir_list saltenv=base'],
      run: async ({ saltenv }, context) => foldersOf(await filesOf('fileserver.dir_list', saltenv, context)),
    }),
    update: rereading('update', 'Reads the trees anew; every job does so, too.', () => true),
    clear_cache: rereading('clear_cache', 'As update: what is known of the trees is read anew.', () => true),
    clear_file_list_cache: rereading(
      'clear_file_list_cache',
      'As update. Says which environments were read, by backend.',
      (roots) => ({ roots }),
    ),
  },
})
