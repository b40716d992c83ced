/** Execution module `npm`: packages of Node.js. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { optional } from '../../shared/schema/argument.ts'
import { environment, textList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { listNpm, type NpmCaller, npmComplaint, npmOptions, placeWords } from '../installers/npm.ts'
import type { Changer } from '../system/changer.ts'
import { execFunction, execModule } from './contract.ts'

const caller = {
  dir: optional(absolutePath, 'Directory of the project. Not given: for all.'),
  runas: optional(accountName, 'User to run npm as.'),
  env: optional(environment, 'Environment variables.'),
  silent: optional(flag, 'Accepted for calls of Salt.'),
}

interface Given extends NpmCaller {
  readonly runas?: string
}

const callerOf = ({ dir, runas, env }: Given): NpmCaller => ({
  ...(dir !== undefined && { dir }),
  ...(runas !== undefined && { user: runas }),
  ...(env && { env }),
})

async function change(
  verb: string,
  operands: readonly string[],
  given: Given,
  act: Changer,
  flags: readonly string[] = [],
): Promise<string> {
  const dashed = operands.find((one) => one.startsWith('-'))
  if (dashed !== undefined)
    throw new TsaltError('package-failed', {
      manager: `npm ${verb}`,
      code: '-',
      reason: `"${dashed}" is no package`,
    })
  const who = callerOf(given)
  const rest = operands.length > 0 ? ['--', ...operands] : []
  const result = await act.commands.run(['npm', verb, ...placeWords(who), ...flags, ...rest], npmOptions(who))
  if (result.code === 0) return result.stdout.trim()
  throw new TsaltError('package-failed', {
    manager: `npm ${verb}`,
    code: result.code,
    reason: npmComplaint(result),
  })
}

export const npmModule = execModule({
  summary: 'Packages of Node.js.',
  functions: {
    list: execFunction({
      summary: 'Installed packages with their versions.',
      args: v.strictObject({ pkg: optional(nonEmptyText, 'Only this package.'), ...caller }),
      examples: ["tsalt '*' npm.list", 'tsalt web1 npm.list dir=/srv/app'],
      readOnly: true,
      async run({ pkg, ...given }, { look }) {
        const list = await listNpm(callerOf(given), look)
        if (typeof list === 'string')
          throw new TsaltError('package-failed', { manager: 'npm list', code: '-', reason: list })
        const rows = [...list.values()].filter(({ name }) => pkg === undefined || name === pkg)
        return Object.fromEntries(rows.map(({ name, version, resolved }) => [name, { version, resolved }]))
      },
    }),
    install: execFunction({
      summary: 'Installs packages; with a directory and none named, all that its package.json names.',
      args: v.strictObject({
        pkg: optional(nonEmptyText, 'A package.'),
        pkgs: optional(textList, 'Several packages.'),
        registry: optional(text, 'Address of the registry.'),
        ...caller,
      }),
      examples: ['tsalt web1 npm.install yarn', 'tsalt web1 npm.install dir=/srv/app runas=app'],
      readOnly: false,
      run: async ({ pkg, pkgs, registry, ...given }, { act }) =>
        change(
          'install',
          pkgs ?? (pkg === undefined ? [] : [pkg]),
          given,
          act,
          registry === undefined ? [] : [`--registry=${registry}`],
        ),
    }),
    uninstall: execFunction({
      summary: 'Removes a package.',
      args: v.strictObject({ pkg: optional(nonEmptyText, 'The package.'), ...caller }),
      examples: ['tsalt web1 npm.uninstall yarn'],
      readOnly: false,
      run: async ({ pkg = '', ...given }, { act }) => change('uninstall', [pkg], given, act),
    }),
  },
})
