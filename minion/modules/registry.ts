/** Every execution module, by the name it is called with. A new one: its file, its line here; a test compares with the folder. */
import { cmdModule } from './cmd.ts'
import { configModule } from './config.ts'
import type { ExecModule } from './contract.ts'
import { fileModule } from './file.ts'
import { grainsModule } from './grains.ts'
import { keyModule } from './key.ts'
import { pillarModule } from './pillar.ts'
import { pkgModule } from './pkg.ts'
import { saltutilModule } from './saltutil.ts'
import { serviceModule } from './service.ts'
import { stateModule } from './state.ts'
import { statusModule } from './status.ts'
import { sysModule } from './sys.ts'
import { testModule } from './test.ts'

export const execModules: Readonly<Record<string, ExecModule>> = {
  cmd: cmdModule,
  config: configModule,
  file: fileModule,
  grains: grainsModule,
  key: keyModule,
  pillar: pillarModule,
  pkg: pkgModule,
  saltutil: saltutilModule,
  service: serviceModule,
  state: stateModule,
  status: statusModule,
  sys: sysModule,
  test: testModule,
}
