/** Execution module `apache`: the web server of Debian's package. */
import { needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import { answered } from './answered.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const program = 'apache2ctl'

const isEnabled = (fun: string, what: string, folder: string, ending: string) =>
  asking(
    `True where a ${what} is enabled.`,
    `apache.${fun} name`,
    { name: needed(nonEmptyText, `The ${what}.`) },
    async ({ name }, { look }) =>
      /[/\0]/.test(name)
        ? false
        : (await look.files.info(`/etc/apache2/${folder}-enabled/${name.replace(ending, '')}${ending}`)) !==
          undefined,
  )

/** As the state does it, by links. */
const switching = (fun: string, state: string, summary: string) =>
  changing(
    summary,
    `apache.${fun} name`,
    { name: needed(nonEmptyText, 'The name.') },
    async ({ name }, context) => {
      const { comment } = await byState(state, { name }, context)
      return { Name: name, Status: comment }
    },
  )

export const apacheModule = execModule({
  summary: 'The web server Apache.',
  functions: {
    version: asking('Its version.', 'apache.version', {}, async (_, { look }) =>
      (
        /^Server version: (.*)$/m.exec(await answered('apache.version', [program, '-v'], look))?.[1] ?? ''
      ).trim(),
    ),
    modules: asking('Its modules, built in and loaded.', 'apache.modules', {}, async (_, { look }) => {
      const said = await answered('apache.modules', [program, '-M'], look)
      const of = (kind: string): string[] =>
        [...said.matchAll(new RegExp(`^ *(\\S+) \\(${kind}\\)`, 'gm'))].map((match) => match[1] ?? '')
      return { static: of('static'), shared: of('shared') }
    }),
    configtest: asking(
      'True where its configuration has no mistake.',
      'apache.configtest',
      {},
      async (_, { look }) => (await look.commands.query([program, 'configtest'])).code === 0,
    ),
    check_mod_enabled: isEnabled('check_mod_enabled', 'module', 'mods', '.load'),
    check_site_enabled: isEnabled('check_site_enabled', 'site', 'sites', '.conf'),
    check_conf_enabled: isEnabled('check_conf_enabled', 'configuration', 'conf', '.conf'),
    a2enmod: switching('a2enmod', 'apache_module.enabled', 'Enables a module.'),
    a2dismod: switching('a2dismod', 'apache_module.disabled', 'Disables a module.'),
    a2ensite: switching('a2ensite', 'apache_site.enabled', 'Enables a site.'),
    a2dissite: switching('a2dissite', 'apache_site.disabled', 'Disables a site.'),
    a2enconf: switching('a2enconf', 'apache_conf.enabled', 'Enables a configuration.'),
    a2disconf: switching('a2disconf', 'apache_conf.disabled', 'Disables a configuration.'),
  },
})
