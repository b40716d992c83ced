/** Every execution module, by the name it is called with. A new one: its file, its line here; a test compares with the folder. */
import { alternativesModule } from './alternatives.ts'
import { archiveModule } from './archive.ts'
import { cmdModule } from './cmd.ts'
import { configModule } from './config.ts'
import type { ExecModule } from './contract.ts'
import { cpModule } from './cp.ts'
import { cronModule } from './cron.ts'
import { defaultsModule } from './defaults.ts'
import { digModule } from './dig.ts'
import { diskModule } from './disk.ts'
import { dnsutilModule } from './dnsutil.ts'
import { environModule } from './environ.ts'
import { fileModule } from './file/file.ts'
import { grainsModule } from './grains.ts'
import { groupModule } from './group.ts'
import { hashutilModule } from './hashutil.ts'
import { hostsModule } from './hosts.ts'
import { httpModule } from './http.ts'
import { iniModule } from './ini.ts'
import { keyModule } from './key.ts'
import { kmodModule } from './kmod.ts'
import { logModule } from './log.ts'
import { matchModule } from './match.ts'
import { mineModule } from './mine.ts'
import { mountModule } from './mount.ts'
import { mysqlModule } from './mysql/mysql.ts'
import { networkModule } from './network/network.ts'
import { pillarModule } from './pillar.ts'
import { pkgModule } from './pkg.ts'
import { postgresModule } from './postgres/postgres.ts'
import { psModule } from './ps/ps.ts'
import { randomModule } from './random.ts'
import { saltutilModule } from './saltutil.ts'
import { serviceModule } from './service.ts'
import { shadowModule } from './shadow.ts'
import { slsutilModule } from './slsutil.ts'
import { stateModule } from './state/state.ts'
import { statusModule } from './status.ts'
import { sysModule } from './sys.ts'
import { sysctlModule } from './sysctl.ts'
import { systemModule } from './system.ts'
import { testModule } from './test.ts'
import { timezoneModule } from './timezone.ts'
import { undoModule } from './undo.ts'
import { userModule } from './user.ts'

export const execModules: Readonly<Record<string, ExecModule>> = {
  alternatives: alternativesModule,
  cmd: cmdModule,
  config: configModule,
  cp: cpModule,
  defaults: defaultsModule,
  dig: digModule,
  dnsutil: dnsutilModule,
  environ: environModule,
  file: fileModule,
  grains: grainsModule,
  group: groupModule,
  hashutil: hashutilModule,
  http: httpModule,
  key: keyModule,
  match: matchModule,
  mine: mineModule,
  mysql: mysqlModule,
  network: networkModule,
  pillar: pillarModule,
  pkg: pkgModule,
  postgres: postgresModule,
  random: randomModule,
  saltutil: saltutilModule,
  service: serviceModule,
  slsutil: slsutilModule,
  state: stateModule,
  status: statusModule,
  sys: sysModule,
  test: testModule,
  undo: undoModule,
  cron: cronModule,
  hosts: hostsModule,
  sysctl: sysctlModule,
  kmod: kmodModule,
  shadow: shadowModule,
  timezone: timezoneModule,
  ini: iniModule,
  archive: archiveModule,
  mount: mountModule,
  log: logModule,
  system: systemModule,
  disk: diskModule,
  ps: psModule,
  user: userModule,
}
