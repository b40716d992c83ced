/** `tsalt-master`: reads the configuration, starts the master, says when it is ready, stops in order. */
import { dirname } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import type { Logger } from 'pino'
import { systemClock } from '../../shared/clock.ts'
import { loadOptions } from '../../shared/config/load.ts'
import { type MasterOptions, masterOptions } from '../../shared/config/master-options.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import { formatFingerprint } from '../../shared/ids.ts'
import { makeLogger } from '../../shared/log.ts'
import { version } from '../../shared/version.ts'
import { versionsReport } from '../../shared/versions-report.ts'
import { makePrivateFolder } from '../private-folder.ts'
import { type RunningMaster, startMaster } from '../server.ts'
import { feedWatchdog, notifyService } from './service-notify.ts'
import { configFileOf } from './socket-path.ts'

interface Words {
  readonly configDir?: string
  readonly rootDir?: string
  readonly logLevel?: string
}

const logLevels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'quiet']
/** Longest orderly stop, in milliseconds; the unit allows a few seconds more. */
const patience = 28_000

async function main(): Promise<void> {
  // A handler of our own: Node's would open a debugger to whoever can send a signal.
  process.on('SIGUSR1', () => {})
  const words = parseWords()
  const options = readOptions(words)
  const logger = openLog(options)
  process.on('uncaughtException', (error) => crash(logger, error))
  process.on('unhandledRejection', (error) => crash(logger, error))
  const hangups = holdHangups()
  const master = await startMaster({ options, clock: systemClock, logger, reread: () => readOptions(words) })
  const stop = stopOnSignal(master, logger)
  hangups.release(process.stdout.isTTY ? () => stop('SIGHUP') : () => reload(master))
  const place = placeOf(master.address)
  const api = master.api === undefined ? '' : `API at https://${placeOf(master.api)}, `
  process.stdout.write(
    `tsalt-master ${version} is ready: minions at ${place}, operators at ${master.socket}, ${api}` +
      `CA fingerprint ${formatFingerprint(master.fingerprint)}\n`,
  )
  notifyService('--ready', `--status=Minions at ${place}`)
  feedWatchdog()
}

const placeOf = ({ host, port }: RunningMaster['address']): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

function parseWords(): Words {
  const command = new Command('tsalt-master')
    .description('The master of tsalt: holds states, pillars and keys, and sends jobs to minions.')
    .version(`tsalt-master ${version}`, '--version', 'print the version')
    .option('-V, --versions-report', 'print the versions of tsalt, Node.js, libraries and the system')
    .helpOption('-h, --help', 'print this help')
    .option('-c, --config-dir <folder>', 'folder of the configuration file "master" (default /etc/tsalt)')
    .option('--root-dir <folder>', 'move every path under this folder, so that nothing needs root rights')
    .addOption(new Option('-l, --log-level <level>', 'least severe message in the log').choices(logLevels))
    .allowExcessArguments(false)
    .showHelpAfterError('(tsalt-master --help has all options)')
    .configureOutput({ writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'ERROR: ')) })
    .exitOverride()
  command.on('option:versions-report', () => {
    process.stdout.write(versionsReport())
    process.exit(0)
  })
  try {
    return command.parse(process.argv).opts<Words>()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 64)
    throw error
  }
}

function readOptions({ configDir, rootDir, logLevel }: Words): MasterOptions {
  const file = configFileOf({ configDir, rootDir })
  return loadOptions(masterOptions, file, { root_dir: rootDir, log_level: logLevel })
}

function openLog({ log_file: file, log_level: level }: MasterOptions): Logger {
  makePrivateFolder(dirname(file))
  return makeLogger({ name: 'tsalt-master', level, to: file, clock: systemClock })
}

function stopOnSignal(master: RunningMaster, logger: Logger): (signal: NodeJS.Signals) => void {
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    // The second one means it.
    if (stopping) process.exit(1)
    stopping = true
    logger.info({ signal }, 'master is stopping')
    const late = setTimeout(() => {
      logger.error('the master did not stop in time and is ended')
      process.exit(1)
    }, patience)
    late.unref()
    notifyService('STOPPING=1')
    master.stop().then(
      () => process.exit(0),
      (error: unknown) => crash(logger, error),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return stop
}

/** A hangup during the start is done with after it, for what it tells of may have been read already. */
function holdHangups(): { release(act: () => void): void } {
  let came = false
  let act = (): void => {
    came = true
  }
  process.on('SIGHUP', () => act())
  return {
    release(wanted) {
      act = wanted
      if (came) act()
    },
  }
}

/** Where there is no terminal that could be hung up, SIGHUP asks to read the configuration again. */
function reload(master: RunningMaster): void {
  notifyService('--status=Reading the configuration again')
  master.reload().then(
    () => notifyService('--status=The configuration was read again'),
    // The log has it, with the place.
    () => notifyService('--status=The configuration is wrong and was not taken over; the log tells why'),
  )
}

/** A fault of ours: what is stored is safe by construction, what is in memory is not to be trusted any more. */
function crash(logger: Logger, error: unknown): void {
  logger.fatal({ err: error }, 'the master failed')
  process.stderr.write(`tsalt-master: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
  process.exit(70)
}

main().catch((error: unknown) => {
  const text = isTsaltError(error) ? describeError(error) : String((error as Error).stack ?? error)
  process.stderr.write(`ERROR: ${text}\n`)
  process.exit(isTsaltError(error) ? error.exitCode : 70)
})
