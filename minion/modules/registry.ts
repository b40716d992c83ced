/** Every execution module, by the name it is called with. A new one: its file, its line here; a test compares with the folder. */
import { cmdModule } from './cmd.ts'
import { configModule } from './config.ts'
import type { ExecModule } from './contract.ts'
import { defaultsModule } from './defaults.ts'
import { environModule } from './environ.ts'
import { fileModule } from './file.ts'
import { grainsModule } from './grains.ts'
import { groupModule } from './group.ts'
import { hashutilModule } from './hashutil.ts'
import { keyModule } from './key.ts'
import { matchModule } from './match.ts'
import { networkModule } from './network/network.ts'
import { pillarModule } from './pillar.ts'
import { pkgModule } from './pkg.ts'
import { randomModule } from './random.ts'
import { saltutilModule } from './saltutil.ts'
import { serviceModule } from './service.ts'
import { stateModule } from './state.ts'
import { statusModule } from './status.ts'
import { sysModule } from './sys.ts'
import { testModule } from './test.ts'
import { userModule } from './user.ts'

export const execModules: Readonly<Record<string, ExecModule>> = {
  cmd: cmdModule,
  config: configModule,
  defaults: defaultsModule,
  environ: environModule,
  file: fileModule,
  grains: grainsModule,
  group: groupModule,
  hashutil: hashutilModule,
  key: keyModule,
  match: matchModule,
  network: networkModule,
  pillar: pillarModule,
  pkg: pkgModule,
  random: randomModule,
  saltutil: saltutilModule,
  service: serviceModule,
  state: stateModule,
  status: statusModule,
  sys: sysModule,
  test: testModule,
  user: userModule,
}
