/** Execution module `gem`: packages of Ruby. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { accountName, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { type GemCaller, gemComplaint, gemOptions, gemProgram, listGems } from '../installers/gem.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'

const caller = {
  ruby: optional(nonEmptyText, 'Ruby and gemset of RVM.'),
  gem_bin: optional(nonEmptyText, 'Path of the gem program.'),
  runas: optional(accountName, 'User to run gem as.'),
}
type Given = GemCaller & { readonly runas?: string }

const callerOf = ({ runas, ...rest }: Given): GemCaller =>
  runas === undefined ? rest : { ...rest, user: runas }

const failure = (verb: string, reason: string): TsaltError =>
  new TsaltError('package-failed', { manager: `gem ${verb}`, code: '-', reason })

async function list(given: Given, look: Reader): Promise<Map<string, string[]>> {
  const found = await listGems(callerOf(given), look)
  if (typeof found === 'string') throw failure('list', found)
  return found
}

async function change(
  verb: string,
  words: readonly string[],
  gems: readonly string[],
  given: Given,
  act: Changer,
): Promise<string> {
  const dashed = gems.find((one) => one.startsWith('-'))
  if (dashed !== undefined || gems.length === 0)
    throw failure(verb, dashed === undefined ? 'no gem is named' : `"${dashed}" is no gem`)
  const who = callerOf(given)
  const result = await act.commands.run([...gemProgram(who), verb, ...words, ...gems], gemOptions(who))
  if (result.code !== 0) throw failure(verb, gemComplaint(result))
  return result.stdout.trim()
}

const gems = needed(nameList, 'The gem, or several by comma.')

export const gemModule = execModule({
  summary: 'Packages of Ruby.',
  functions: {
    list: execFunction({
      summary: 'Installed gems with their versions.',
      args: v.strictObject({ prefix: defaulted(text, '', 'Only those whose name begins so.'), ...caller }),
      examples: ["tsalt '*' gem.list"],
      readOnly: true,
      run: async ({ prefix, ...given }, { look }) =>
        new Map<string, Plain>([...(await list(given, look))].filter(([name]) => name.startsWith(prefix))),
    }),
    version: execFunction({
      summary: 'Version of gem.',
      args: v.strictObject(caller),
      examples: ["tsalt '*' gem.version"],
      readOnly: true,
      async run(given, { look }) {
        const who = callerOf(given)
        const result = await look.commands.query([...gemProgram(who), '--version'], gemOptions(who))
        if (result.code !== 0) throw failure('--version', gemComplaint(result))
        return result.stdout.trim()
      },
    }),
    install: execFunction({
      summary: 'Installs gems without their documentation; tells what gem printed.',
      args: v.strictObject({ gems, version: optional(text, 'Its version.'), ...caller }),
      examples: ['tsalt web1 gem.install bundler version=2.4.22'],
      readOnly: false,
      run: async ({ gems: wanted, version, ...given }, { act }) =>
        change(
          'install',
          ['--no-document', ...(version === undefined ? [] : [`--version=${version}`])],
          wanted,
          given,
          act,
        ),
    }),
    uninstall: execFunction({
      summary: 'Removes gems, all their versions; tells what gem printed.',
      args: v.strictObject({ gems, ...caller }),
      examples: ['tsalt web1 gem.uninstall bundler'],
      readOnly: false,
      run: async ({ gems: wanted, ...given }, { act }) =>
        change('uninstall', ['--all', '--executables', '--ignore-dependencies'], wanted, given, act),
    }),
  },
})
