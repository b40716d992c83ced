/** Execution module `sysctl`: parameters of the kernel. */
import { TsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const name = needed(nonEmptyText, 'The parameter: `net.ipv4.ip_forward`.')
const value = needed(text, 'Its value.')

async function settingOf(given: string, look: Reader): Promise<string> {
  if (given.startsWith('-')) return ''
  const { code, stdout } = await look.commands.query(['sysctl', '-n', '--', given])
  return code === 0 ? stdout.trimEnd() : ''
}

/** `a = b` line by line. */
function parsed(output: string): Record<string, string> {
  return Object.fromEntries(
    output.split('\n').flatMap((line) => {
      const at = /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line)
      return at ? [[at[1] ?? '', at[2] ?? '']] : []
    }),
  )
}

export const sysctlModule = execModule({
  summary: 'Parameters of the kernel.',
  functions: {
    get: asking(
      'Value of a parameter; empty where there is none.',
      'sysctl.get vm.swappiness',
      { name },
      (given, { look }) => settingOf(given.name, look),
    ),
    show: asking(
      'All parameters, or those that a file sets.',
      'sysctl.show config_file=/etc/sysctl.conf',
      { config_file: optional(absolutePath, 'The file.') },
      async (given, { look }) => {
        if (given.config_file !== undefined) {
          if (!(await look.files.infoFollowed(given.config_file))) return null
          return parsed(Buffer.from(await look.files.read(given.config_file)).toString('utf8'))
        }
        return parsed((await look.commands.query(['sysctl', '-a'])).stdout)
      },
    ),
    default_config: asking('File that keeps parameters.', 'sysctl.default_config', {}, async (_, { look }) =>
      (await look.files.infoFollowed('/etc/sysctl.d')) ? '/etc/sysctl.d/99-salt.conf' : '/etc/sysctl.conf',
    ),
    assign: changing(
      'Sets a parameter until the next start.',
      'sysctl.assign vm.swappiness 10',
      { name, value },
      async (given, { look, act }) => {
        const before = await settingOf(given.name, look)
        if (before === '' || given.name.includes('='))
          throw new TsaltError('function-failed', {
            fun: 'sysctl.assign',
            reason: `the kernel has no ${given.name}`,
          })
        const undo = [{ argv: ['sysctl', '-w', `${given.name}=${before}`] }]
        const { code, stderr } = await act.commands.run(['sysctl', '-w', `${given.name}=${given.value}`], {
          undo,
        })
        if (code !== 0)
          throw new TsaltError('function-failed', { fun: 'sysctl.assign', reason: stderr.trim() })
        return { [given.name]: given.value }
      },
    ),
    persist: changing(
      'Sets a parameter, now and after the next start.',
      'sysctl.persist vm.swappiness 10',
      { name, value, config: optional(absolutePath, 'File that keeps it.') },
      async (given, context) =>
        (await byState('sysctl.present', given, context)).changed ? 'Updated' : 'Already set',
    ),
  },
})
