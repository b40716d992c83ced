/** Execution module `archive`: what archives hold, unpacking and packing. */
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList, textList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { account, choice, nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import type { Changer, UndoStep } from '../system/changer.ts'
import { byState } from './by-state.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const tarfile = needed(absolutePath, 'The archive.')
const dest = needed(absolutePath, 'The directory to unpack into.')

async function extracted(
  wanted: Readonly<Record<string, unknown>>,
  context: ModuleContext,
): Promise<string[]> {
  const { changes } = await byState('archive.extracted', { enforce_toplevel: false, ...wanted }, context)
  const { extracted_files } = changes as { readonly extracted_files?: string[] }
  return extracted_files ?? []
}

/** A program that writes one new file beside others, which goes when it is taken back. */
async function pack(
  fun: string,
  argv: readonly string[],
  made: string,
  cwd: string | undefined,
  { act, look }: ModuleContext,
): Promise<string[]> {
  const there = await look.files.info(made)
  const undo: UndoStep[] = [{ argv: ['rm', '-f', '--', made] }]
  const options = { ...(cwd === undefined ? {} : { cwd }), ...(there ? {} : { undo }) }
  return output(fun, await act.commands.run(argv, options))
}

function output(
  fun: string,
  { code, stdout, stderr }: Awaited<ReturnType<Changer['commands']['run']>>,
): string[] {
  if (code !== 0) throw new TsaltError('function-failed', { fun, reason: (stderr || stdout).trim() })
  return stdout.split('\n').filter((line) => line !== '')
}

/** Names that begin with "-" would be options. */
function named(fun: string, names: readonly string[]): readonly string[] {
  const wrong = names.find((one) => one.startsWith('-'))
  if (wrong !== undefined) throw new TsaltError('function-failed', { fun, reason: `"${wrong}" is no path` })
  return names
}

/** gzip and gunzip, which replace a file by another. */
const squeezing = (
  fun: 'gzip' | 'gunzip' | 'bzip2' | 'bunzip2' | 'xz' | 'unxz',
  back: string,
  summary: string,
) =>
  changing(
    summary,
    `archive.${fun} /var/log/app.log`,
    { sourcefile: needed(absolutePath, 'The file.') },
    async (given, { act }) => {
      const ending = { gzip: '.gz', gunzip: '.gz', bzip2: '.bz2', bunzip2: '.bz2', xz: '.xz', unxz: '.xz' }[
        fun
      ]
      const made = given.sourcefile.endsWith(ending)
        ? given.sourcefile.slice(0, -ending.length)
        : `${given.sourcefile}${ending}`
      const undo = [{ argv: [back, '--', made] }]
      return output(`archive.${fun}`, await act.commands.run([fun, '--', given.sourcefile], { undo }))
    },
  )

export const archiveModule = execModule({
  summary: 'What archives hold, unpacking and packing.',
  functions: {
    list: asking(
      'Paths in an archive.',
      'archive.list salt://app.tar.gz',
      {
        name: needed(nonEmptyText, 'The archive: a path, or `salt://`.'),
        archive_format: optional(choice(['tar', 'zip']), 'Where its name does not tell it.'),
        strip_components: defaulted(whole, 0, 'Steps that are cut from the front of paths.'),
        saltenv: defaulted(text, 'base', 'Environment of the tree.'),
      },
      async (given, { look }) => {
        const { formatOf, openArchive } = await import('../states/archive/open.ts')
        const { content } = await look.sources.fetch(given.name, given.saltenv)
        const format = given.archive_format ?? formatOf(given.name) ?? 'tar'
        const entries = await openArchive(
          { archive: given.name, content, format, strip: given.strip_components },
          look,
        )
        return entries.map(({ path, type }) => (type === 'directory' ? `${path}/` : path))
      },
    ),
    tar: changing(
      'Calls tar: `x` and `t` for what is there, `c` for a new archive.',
      'archive.tar -cjf /tmp/app.tar.bz2 /srv/app',
      {
        options: needed(nonEmptyText, 'Options of tar: `-czf`, `xf`.'),
        tarfile,
        sources: optional(textList, 'What goes in.'),
        dest: optional(absolutePath, 'With `x`: where to.'),
        cwd: optional(absolutePath, 'Directory that it begins in.'),
      },
      async (given, context) => {
        const letters = given.options.replace(/^-/, '')
        if (!/^[a-zA-Z]+$/.test(letters))
          throw new TsaltError('function-failed', {
            fun: 'archive.tar',
            reason: 'options are letters, such as czf',
          })
        if (letters.includes('x'))
          return extracted(
            { name: given.dest ?? given.cwd ?? '/', source: given.tarfile, archive_format: 'tar' },
            context,
          )
        const flags = `-${letters.replaceAll('f', '')}f`
        const argv = ['tar', flags, given.tarfile, ...named('archive.tar', given.sources ?? [])]
        return pack('archive.tar', argv, given.tarfile, given.cwd, context)
      },
    ),
    zip: changing(
      'Packs files into a zip archive.',
      'archive.zip /tmp/app.zip /srv/app/a,/srv/app/b',
      {
        zip_file: needed(absolutePath, 'The archive.'),
        sources: needed(nameList, 'What goes in.'),
        cwd: optional(absolutePath, 'Directory that it begins in.'),
      },
      (given, context) => {
        const sources = named('archive.zip', given.sources)
        return pack(
          'archive.zip',
          ['zip', '-r', '-q', given.zip_file, ...sources],
          given.zip_file,
          given.cwd,
          context,
        )
      },
    ),
    unzip: changing(
      'Unpacks a zip archive; answers what was new.',
      'archive.unzip /tmp/app.zip /srv',
      { zip_file: needed(absolutePath, 'The archive.'), dest, user: optional(account, 'Owner.') },
      ({ zip_file, dest: name, user }, context) =>
        extracted(
          { name, source: zip_file, archive_format: 'zip', ...(user === undefined ? {} : { user }) },
          context,
        ),
    ),
    cmd_unzip: changing(
      'Unpacks a zip archive; answers what was new.',
      'archive.cmd_unzip /tmp/app.zip /srv',
      { zip_file: needed(absolutePath, 'The archive.'), dest },
      ({ zip_file, dest: name }, context) =>
        extracted({ name, source: zip_file, archive_format: 'zip' }, context),
    ),
    is_encrypted: asking(
      'True where a zip archive asks for a password.',
      'archive.is_encrypted /tmp/app.zip',
      { name: needed(absolutePath, 'The archive.') },
      async (given, { look }) => {
        const content = Buffer.from(await look.files.read(given.name))
        if (content.readUInt32LE(0) !== 0x04034b50)
          throw new TsaltError('function-failed', {
            fun: 'archive.is_encrypted',
            reason: 'it is no zip archive',
          })
        return (content.readUInt16LE(6) & 1) === 1
      },
    ),
    gzip: squeezing('gzip', 'gunzip', 'Compresses a file with gzip.'),
    gunzip: squeezing('gunzip', 'gzip', 'Expands a file that gzip compressed.'),
    bzip2: squeezing('bzip2', 'bunzip2', 'Compresses a file with bzip2.'),
    bunzip2: squeezing('bunzip2', 'bzip2', 'Expands a file that bzip2 compressed.'),
    xz: squeezing('xz', 'unxz', 'Compresses a file with xz.'),
    unxz: squeezing('unxz', 'xz', 'Expands a file that xz compressed.'),
  },
})
