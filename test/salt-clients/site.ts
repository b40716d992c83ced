/** A master with its API, a minion that has joined and one that waits for its key to be accepted. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addUsers, selfSigned } from '../integration/api/network-master.ts'
import { Daemon } from '../integration/stage/daemon.ts'
import { Stage, until } from '../integration/stage/stage.ts'

export const user = { name: 'operator', password: 'a long way to go' } as const

/** May ping, and nothing else. */
export const watcher = { name: 'watcher', password: 'no more than a look' } as const

const rules = `
access:
  - who: ${user.name}
    target: '*'
    functions: ['*']
    runner: ['*']
    wheel: ['*']
    see: ['*']
    root_equivalent: true
  - who: ${watcher.name}
    target: '*'
    functions: [test.ping]
`

const state = (folder: string): string => `greeting:
  file.managed:
    - name: ${folder}/greeting
    - contents: hello from a state
nothing to do:
  test.nop: []
`

/** Something for each page of SaltGUI to show. */
const orchestration = `deploy:
  salt.state:
    - tgt: '*'
    - sls: [greeting]
`
const ofMaster = (folder: string): string => `nodegroups: {greeters: 'one'}
reactor: [{'myco/deployed': '${folder}/deployed.sls'}]
`
const ofMinion = `mine_functions: {test.version: [], address: [{mine_function: grains.get}, fqdn]}
schedule: {ping: {function: test.ping, minutes: 30}}
beacons: {load: [{averages: {1m: [0, 1000]}}, {interval: 60}]}
`

export interface Site {
  readonly stage: Stage
  /** `https://localhost:PORT` */
  readonly url: string
  close(): Promise<void>
}

/** @param saltgui folder with index.html and static/ */
export async function openSite(saltgui: string): Promise<Site> {
  const stage = await Stage.prepare({ states: { 'top.sls': "base: {'*': [greeting]}\n" } })
  stage.writeState('greeting.sls', state(stage.folder))
  stage.writeState('deploy.sls', orchestration)
  writeFileSync(stage.path('deployed.sls'), 'ping: {local.test.ping: [{tgt: one}]}\n')
  mkdirSync(stage.path('pillars'))
  writeFileSync(stage.path('pillars/top.sls'), "base: {'*': [app]}\n")
  writeFileSync(stage.path('pillars/app.sls'), 'release: "1.2"\npassword: hidden by SaltGUI\n')
  const root = stage.path('m')
  const port = stage.port + 1
  selfSigned(root)
  appendFileSync(
    join(root, 'etc/tsalt/master'),
    `${ofMaster(stage.folder)}api:\n  host: 127.0.0.1\n  port: ${port}\n  certificate: api.crt\n  key: api.key
  values: {saltgui_templates: {greet: {description: greets everybody, target: '*', command: state.apply greeting}}}
  app: ${saltgui}/index.html\n  static: ${saltgui}/static\n${rules}`,
  )
  await addUsers(root, { [user.name]: user.password, [watcher.name]: watcher.password })
  const waiting = new Daemon('tsalt-minion', stage.folder, 'x')
  const close = async (): Promise<void> => {
    if (waiting.lives) await waiting.end('SIGKILL')
    await stage.close()
  }
  try {
    stage.master.start()
    await stage.masterAnswers(60)
    await stage.configureMinion(ofMinion)
    stage.minion.start()
    await stage.minionAnswers(60)
    configureWaiting(stage)
    waiting.start()
    await until('the key of the second minion', 60, async () => {
      const { keys } = await stage.client.get<{ keys: { id: string }[] }>('/keys')
      return keys.some(({ id }) => id === 'two') || undefined
    })
  } catch (error) {
    await close()
    throw error
  }
  return { stage, url: `https://localhost:${port}`, close }
}

function configureWaiting(stage: Stage): void {
  mkdirSync(stage.path('x/etc/tsalt'), { recursive: true })
  writeFileSync(
    stage.path('x/etc/tsalt/minion'),
    `id: two\nmaster: 127.0.0.1\nmaster_port: ${stage.port}\ntrust_on_first_use: true\nacceptance_wait_time: 1
recon_default: 20\nrecon_max: 150\nping_interval: 2\n`,
    { mode: 0o600 },
  )
}
