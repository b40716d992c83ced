/** Every state module by its name in SLS files. A test compares this list with the folder. */
import { alternatives } from './alternatives.ts'
import { archive } from './archive/archive.ts'
import { cmd } from './cmd/cmd.ts'
import type { StateModule } from './contract.ts'
import { cron } from './cron/cron.ts'
import { file } from './file/file.ts'
import { git } from './git/git.ts'
import { grains } from './grains.ts'
import { group } from './group.ts'
import { host } from './host/host.ts'
import { ini } from './ini/ini.ts'
import { kmod } from './kmod.ts'
import { module } from './module.ts'
import { mount } from './mount/mount.ts'
import { pkg } from './pkg/pkg.ts'
import { pkgrepo } from './pkgrepo/pkgrepo.ts'
import { service } from './service/service.ts'
import { sshAuth } from './ssh-auth.ts'
import { sysctl } from './sysctl.ts'
import { test } from './test.ts'
import { timezone } from './timezone.ts'
import { user } from './user/user.ts'

export const stateModules: Readonly<Record<string, StateModule>> = {
  alternatives,
  archive,
  cmd,
  cron,
  file,
  git,
  grains,
  group,
  host,
  ini,
  kmod,
  module,
  mount,
  pkg,
  pkgrepo,
  service,
  ssh_auth: sshAuth,
  sysctl,
  test,
  timezone,
  user,
}
