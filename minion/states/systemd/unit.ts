/** systemd.unit: a unit file or drop-in from fields, verified before it replaces anything, and what runs by it. */
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { type FilePlan, planFile } from '../file/content-plan.ts'
import { fetchSource } from '../file/fetch-source.ts'
import { makeParents } from '../file/parents.ts'
import { renderText } from '../file/render-source.ts'
import { finishUnits, leaveToEnd } from './finish-units.ts'
import { refuseUnit, type UnitArguments, unitArguments } from './unit-arguments.ts'
import { actOnServices, hasWork, planServices, type ServicePlan, serviceChanges } from './unit-services.ts'
import { unitText } from './unit-text.ts'
import { verifyUnit } from './unit-verify.ts'

export const unit = stateFunction({
  summary:
    'Makes sure that a unit of systemd, or a drop-in of one, is as written, and that it runs if asked.',
  args: unitArguments,
  examples: [
    'app.service:\n  systemd.unit:\n    - sections:\n        Unit:\n          Description: The application\n          After: network-online.target\n        Service:\n          ExecStart: /usr/local/bin/app --port 8080\n          Environment:\n            - LANG=C.UTF-8\n            - WORKERS=4\n          Restart: always\n          NoNewPrivileges: True\n        Install:\n          WantedBy: multi-user.target\n    - enable: True\n    - running: True\n',
    'worker@.service:\n  systemd.unit:\n    - sections:\n        Unit: {Description: Worker of the queue %i}\n        Service: {ExecStart: /usr/local/bin/worker --queue %i, Restart: on-failure}\n        Install: {WantedBy: multi-user.target}\n    - instances: [mail, push, default]\n    - instances_clean: True\n',
    'nginx limits:\n  systemd.unit:\n    - name: nginx.service\n    - dropin: limits\n    - sections:\n        Service:\n          LimitNOFILE: 65536\n          ExecStartPre: [~, /usr/sbin/nginx -t]\n',
    'backup.service:\n  systemd.unit:\n    - source: salt://backup/backup.service\n\nbackup.timer:\n  systemd.unit:\n    - sections:\n        Timer: {OnCalendar: daily, Persistent: True}\n        Install: {WantedBy: timers.target}\n    - enable: True\n    - running: True\n',
  ],
  refuse: refuseUnit,
  check,
  atEnd: async (args, _look, run) => finishUnits(keyOf(args, run), run),
})

const pathOf = ({ name, dropin, folder }: UnitArguments): string =>
  dropin === undefined ? `${folder}/${name}` : `${folder}/${name}.d/${dropin}.conf`

async function check(args: UnitArguments, look: Reader, run: StateRun): Promise<Decision> {
  const path = pathOf(args)
  const info = await look.files.info(path)
  const obstacle = obstacleAt(path, info)
  if (obstacle) return obstacle
  const text = await wantedText(args, look, run)
  const wish = {
    path,
    info,
    content: Buffer.from(text, 'utf8'),
    attributes: { user: 'root', group: 'root', mode: 0o644 },
    showChanges: args.show_changes,
  }
  const file = await planFile(wish, look)
  const isChanged = file !== undefined && 'diff' in file.changes
  if (isChanged && args.verify) {
    const refused = await verifyUnit({ unit: args.name, dropin: args.dropin, text }, look)
    if (refused) return refused
  }
  const services = await planServices(args, look, run)
  const masked = services?.masked ?? []
  if (masked.length > 0)
    return failed(
      `${masked.join(', ')} is masked`,
      'Unmask it in an earlier state (service.unmasked), or neither enable nor run it.',
    )
  return decide(args, { file, isChanged, services }, look, run)
}

interface Work {
  readonly file: FilePlan | undefined
  readonly isChanged: boolean
  readonly services: ServicePlan | undefined
}

function decide(
  args: UnitArguments,
  { file, isChanged, services }: Work,
  look: Reader,
  run: StateRun,
): Decision {
  if (!file && !(services && hasWork(services)))
    return inSync(`The unit ${described(args)} is as it should be`)
  // A drop-in may be there before its unit; what it is for cannot run then.
  const isMissing = args.dropin !== undefined && services?.known === false
  if (isMissing && services && hasWork(services)) {
    const may = run.test && run.predicted.length > 0
    return may
      ? unknown(`the unit ${args.name} does not exist yet; an earlier state may bring it`)
      : failed(`The unit ${args.name} does not exist`, 'Install or write it in an earlier state.')
  }
  const note = (): void => {
    if (!isChanged || !services) return
    leaveToEnd(keyOf(args, run), run, {
      // New units are read when they are first named; of others systemd has to be told.
      reload: services.known,
      restarts: args.restart ? services.running : [],
    })
  }
  if (run.test) note()
  return drift(
    { ...file?.changes, ...(services && serviceChanges(services)) },
    {
      would: `The unit ${described(args)} is set to be changed`,
      done: `The unit ${described(args)} was changed`,
    },
    async (act) => {
      if (file) {
        await makeParents(pathOf(args), { mode: 0o644 }, 0o755, act)
        await file.apply(act)
        note()
      }
      return services && hasWork(services) ? actOnServices(services, args.init_delay, act) : undefined
    },
  )
}

const keyOf = (args: UnitArguments, { id }: StateRun): string => `${id} ${pathOf(args)}`

const described = (args: UnitArguments): string =>
  args.dropin === undefined ? args.name : `${args.name} (${args.dropin})`

function obstacleAt(path: string, info: FileInfo | undefined): Decision | undefined {
  if (!info || info.type === 'file') return undefined
  if (info.type === 'symlink' && info.target === '/dev/null')
    return failed(`${path} masks the unit`, 'Unmask it in an earlier state (service.unmasked).')
  return failed(`${path} is a ${info.type}, not a file`)
}

async function wantedText(args: UnitArguments, look: Reader, run: StateRun): Promise<string> {
  if (args.sections) return unitText(args.sections)
  if (args.contents) {
    const text = args.contents
      .map((part) => (part.endsWith('\n') || part === '' ? part : `${part}\n`))
      .join('')
    return renderText(text, run.id, args, look, run)
  }
  const source = args.source ?? ''
  const { content } = await fetchSource(source, look, run)
  return renderText(Buffer.from(content).toString('utf8'), source, args, look, run)
}
