/** `tsalt doctor`: everything about secrets, certificates, folders and clocks that is not as it should be. */
import { dirname } from 'node:path'
import { loadOptions } from '../../shared/config/load.ts'
import { masterOptions } from '../../shared/config/master-options.ts'
import { minionOptions } from '../../shared/config/minion-options.ts'
import { toValue } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import { clocks, type MinionClock, minionCertificates, ownCertificates } from '../doctor/certificates.ts'
import type { Finding } from '../doctor/finding.ts'
import { looseFiles } from '../doctor/loose-files.ts'
import { type Refusals, refusedMinions } from '../doctor/refused-minions.ts'
import type { KeyRow } from '../pki/key-service.ts'
import {
  addOutputOptions,
  addPlaceOptions,
  newCommand,
  type OutputOptions,
  type PlaceOptions,
  parseWords,
} from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { connectMaster } from './master-client.ts'
import { refuseNetworkOptions } from './network-options.ts'
import { openOutput } from './output-file.ts'
import { configFileOf } from './socket-path.ts'

/** @returns 0 where all is well, 1 where anything is found */
export async function runDoctor(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt doctor',
    '[options]',
    'Looks for loose modes of secrets, ending certificates, unwritable folders, clocks that differ and minions that are refused, and names ' +
      'the command that mends each. Run it as root. Exit code 1 where anything is found.',
    console,
  ).allowExcessArguments(false)
  addOutputOptions(command)
  addPlaceOptions(command)
  refuseNetworkOptions(command, 'tsalt doctor', 'it looks at files of root there')
  parseWords(command, words)
  const options = command.opts<PlaceOptions & OutputOptions>()
  const found = await look(options, console)
  const color = wantsColor(console, options)
  const settings = { out: options.out, stateForm: 'short', stateVerbose: true, color } as const
  const output = openOutput(console, options)
  if (isDocument({ ...settings, unicode: speaksUnicode(console.env) })) {
    const data = toValue(found.map((finding) => ({ ...finding })))
    output.write(formatValue(data, { ...settings, unicode: speaksUnicode(console.env) }))
  } else output.write(textOf(found, paintOf(color)))
  output.close()
  return found.length === 0 ? 0 : 1
}

async function look({ configDir, rootDir }: PlaceOptions, console: Console): Promise<readonly Finding[]> {
  const file = configFileOf({ configDir, rootDir })
  const folder = dirname(file)
  const master = loadOptions(masterOptions, file, { root_dir: rootDir })
  const minion = loadOptions(minionOptions, `${folder}/minion`, { root_dir: rootDir })
  const now = console.clock.now()
  return [
    ...looseFiles(folder, master, minion),
    ...ownCertificates(master.pki_dir, minion.pki_dir, now),
    ...(await askMaster(master.socket, now)),
  ]
}

async function askMaster(socket: string, now: number): Promise<readonly Finding[]> {
  const client = connectMaster(socket)
  try {
    const [{ keys }, { minions }, refusals] = await Promise.all([
      client.get<{ keys: readonly KeyRow[] }>('/keys'),
      client.get<{ minions: readonly MinionClock[] }>('/minions'),
      client.runner({ fun: 'manage.refusals', args: [], kwargs: {} }),
    ])
    return [
      ...minionCertificates(keys, now),
      ...clocks(minions),
      ...refusedMinions(refusals.ret as Refusals, now),
    ]
  } catch (error) {
    const [problem = ''] = describeError(error).split('\n')
    return [{ problem: `minions were not looked at: ${problem}`, command: 'systemctl status tsalt-master' }]
  }
}

function textOf(found: readonly Finding[], paint: ReturnType<typeof paintOf>): string {
  if (found.length === 0) return 'All is well.\n'
  const lines = found.flatMap(({ problem, command }) => {
    const line = harmlessLine(`${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}`)
    return [paint('lightYellow', line), ...(command === undefined ? [] : [`    ${harmlessLine(command)}`])]
  })
  return `${lines.join('\n')}\n\n${found.length} found.\n`
}
