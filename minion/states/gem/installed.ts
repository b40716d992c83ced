/** gem.installed: packages of Ruby. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import {
  gemComplaint,
  gemOptions,
  gemProgram,
  listGems,
  parseGemFile,
  parseGemRequirement,
} from '../../installers/gem.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { callerEntries, callerOf, requireGem } from './arguments.ts'

export const installed = stateFunction({
  summary: 'Makes sure that a package of Ruby is installed.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The gem, or the path of a .gem file on the minion.'),
    version: optional(nonEmptyText, 'Its version: `1.2`, `>= 1, < 2`, `~> 1.2`. Not given: any.'),
    rdoc: defaulted(flag, false, 'Install its documentation for rdoc.'),
    ri: defaulted(flag, false, 'Install its documentation for ri.'),
    pre_releases: defaulted(flag, false, 'Also versions that are not released yet.'),
    proxy: optional(text, 'Address of a proxy.'),
    source: optional(text, 'Address of the gems.'),
    ...callerEntries,
  }),
  examples: [
    'bundler:\n  gem.installed:\n    - version: ~> 2.4\n',
    'sass:\n  gem.installed:\n    - user: app\n    - gem_bin: /opt/ruby/bin/gem\n',
  ],
  refuse: ({ name, version, ruby }) => {
    if (!/^[A-Za-z0-9_/][A-Za-z0-9_./+-]*$/.test(name))
      return { argument: 'name', reason: `"${name}" is no name of a gem` }
    if (ruby?.startsWith('-')) return { argument: 'ruby', reason: `"${ruby}" is no ruby` }
    return version === undefined || parseGemRequirement(version)
      ? undefined
      : { argument: 'version', reason: `"${version}" is no version; write 1.2, or >= 1, < 2` }
  },
  async check(wanted, look, run) {
    const caller = callerOf(wanted)
    const lacking = await requireGem(caller, look, run)
    if (lacking) return lacking
    const list = await listGems(caller, look)
    if (typeof list === 'string') return failed(`gem cannot list what is installed: ${list}`)
    const file = parseGemFile(wanted.name)
    const name = file?.name ?? wanted.name
    const version = wanted.version ?? file?.version
    const there = list.get(name) ?? []
    const fits = version === undefined ? () => true : (parseGemRequirement(version) ?? (() => false))
    if (there.some(fits))
      return inSync(
        version === undefined ? 'Gem is already installed.' : 'Installed Gem meets version requirements.',
      )
    const comments = {
      would: `The gem ${name} would have been installed`,
      done: 'Gem was successfully installed',
    }
    return drift({ [name]: 'Installed' }, comments, async (act): Promise<Applied | undefined> => {
      const documents = [...(wanted.rdoc ? ['rdoc'] : []), ...(wanted.ri ? ['ri'] : [])]
      const words = [
        'install',
        documents.length === 0 ? '--no-document' : `--document=${documents.join(',')}`,
        ...(wanted.version === undefined ? [] : [`--version=${wanted.version}`]),
        ...(wanted.pre_releases ? ['--prerelease'] : []),
        ...(wanted.proxy === undefined ? [] : [`--http-proxy=${wanted.proxy}`]),
        ...(wanted.source === undefined ? [] : [`--source=${wanted.source}`]),
        wanted.name,
      ]
      const back = [...gemProgram(caller), 'uninstall', '--executables', '--ignore-dependencies']
      const which = there.length === 0 ? ['--all'] : version === undefined ? [] : [`--version=${version}`]
      const { user } = caller
      const result = await act.commands.run([...gemProgram(caller), ...words], {
        ...gemOptions(caller),
        undo: [{ argv: [...back, ...which, name], ...(user !== undefined && { runas: user }) }],
      })
      return result.code === 0
        ? undefined
        : { ok: false, changes: {}, comment: `Could not install gem. ${gemComplaint(result)}` }
    })
  },
})
