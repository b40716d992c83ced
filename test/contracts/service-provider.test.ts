/**
 * Providers of services held to their contract: OpenRC by programs written for it, System V by Debian's own `service`
 * and update-rc.d over folders of our own (in a mount namespace), where this machine has them and we may.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { parseRunlevels, parseStatus } from '../../minion/providers/service/openrc/look.ts'
import { openrc } from '../../minion/providers/service/openrc/provider.ts'
import { sysv } from '../../minion/providers/service/sysv/provider.ts'
import { AccountFiles } from '../../minion/system/account-files.ts'
import type { RunCommand } from '../../minion/system/command.ts'
import { serviceProviderContract } from './service-provider.ts'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

function freshRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'tsalt-services-'))
  made.push(root)
  return root
}

function program(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

const runIn =
  (wrap: (argv: readonly string[]) => readonly string[], path?: string): RunCommand =>
  async (command) => {
    const argv = wrap(typeof command === 'string' ? ['sh', '-c', command] : command)
    const env = { ...process.env, ...(path === undefined ? {} : { PATH: `${path}:/usr/bin:/bin` }) }
    const { status, stdout, stderr, error } = spawnSync(argv[0] ?? '', argv.slice(1), {
      encoding: 'utf8',
      env,
    })
    const code = error ? 127 : (status ?? 1)
    return { code, stdout: stdout ?? '', stderr: stderr ?? '', pid: 1, timedOut: false, dropped: 0 }
  }

/** What runs is a file in `run`, what a runlevel starts a file in `levels`. */
const rc = {
  'rc-service': `#!/bin/sh
shift; name=$1; verb=$2; root=$(dirname "$0")/..
[ -e "$root/init.d/$name" ] || { echo " * rc-service: service \\\`$name' does not exist"; exit 1; }
case $verb in
  start|restart) if [ "$name" = broken ]; then echo crashed > "$root/run/$name"; echo " * ERROR: broken failed to start" >&2; exit 1; fi
    echo started > "$root/run/$name" ;;
  stop) rm -f "$root/run/$name" ;;
  reload) [ -e "$root/run/$name" ] ;;
esac
`,
  'rc-update': `#!/bin/sh
root=$(dirname "$0")/..
case $1 in
  show) for s in "$root"/init.d/*; do n=$(basename "$s"); printf '%20s |%s\\n' "$n" "$(cat "$root/levels/$n" 2>/dev/null)"; done ;;
  add) echo "      $3" > "$root/levels/$2" ;;
  --all) rm -f "$root/levels/$3" ;;
esac
`,
  'rc-status': `#!/bin/sh
root=$(dirname "$0")/..
for s in "$root"/init.d/*; do n=$(basename "$s"); printf ' %-60s [  %s  ]\\n' "$n" "$(cat "$root/run/$n" 2>/dev/null || echo stopped)"; done
`,
}

function openrcRoot() {
  const root = freshRoot()
  for (const folder of ['init.d', 'run', 'levels']) mkdirSync(join(root, folder))
  for (const [name, text] of Object.entries(rc)) program(join(root, 'bin', name), text)
  for (const name of ['app', 'broken']) program(join(root, 'init.d', name), '#!/sbin/openrc-run\n')
  const run = runIn((argv) => argv, join(root, 'bin'))
  const opened = openrc.open({ query: run, accounts: new AccountFiles(), root: '' })
  return { look: opened.look, act: opened.change(run), good: 'app', broken: 'broken' }
}

let services = openrcRoot()
describe('OpenRC, by stand-ins for its programs', () => {
  beforeEach(() => {
    services = openrcRoot()
  })
  serviceProviderContract('openrc', () => services, { masks: false })

  it('reads what rc-status and rc-update of Alpine print', () => {
    const status = `nginx                                           [  started 3 day(s) 01:02:03 (0) ]
 sshd                                            [  started  ]
 crond                                           [  crashed  ]
 net.eth0                                        [  stopped  ]
`
    expect([...parseStatus(status)]).toEqual([
      ['nginx', 'started'],
      ['sshd', 'started'],
      ['crond', 'crashed'],
      ['net.eth0', 'stopped'],
    ])
    expect([...parseRunlevels('      nginx |      default\n   hwclock |                       \n')]).toEqual([
      ['nginx', true],
      ['hwclock', false],
    ])
  })
})

const script = (start: string) => `#!/bin/sh
### BEGIN INIT INFO
# Provides:          app
# Required-Start:
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: app
### END INIT INFO
here=$(dirname "$0")
case "$1" in
  start|restart) ${start} ;;
  stop) rm -f "$here/.running" ;;
  reload) [ -e "$here/.running" ] ;;
  status) if [ -e "$here/.failed-$(basename "$0")" ]; then exit 1; fi; [ -e "$here/.running" ] && [ "$(basename "$0")" = app ] || exit 3 ;;
esac
`

/** Debian's programs see our folders in the place of those of the machine, and nobody else does. */
function sysvRoot() {
  const root = freshRoot()
  const folders = ['init.d', ...['0', '1', '2', '3', '4', '5', '6', 'S'].map((level) => `rc${level}.d`)]
  for (const folder of folders) mkdirSync(join(root, 'etc', folder), { recursive: true })
  program(join(root, 'etc/init.d/app'), script('touch "$here/.running"'))
  program(
    join(root, 'etc/init.d/broken'),
    script('touch "$here/.failed-broken"; echo "no such port" >&2; exit 1'),
  )
  const mounts = folders.map((folder) => `mount --bind ${root}/etc/${folder} /etc/${folder}`).join(' && ')
  const run = runIn((argv) => ['unshare', '-m', 'sh', '-c', `${mounts} && exec "$@"`, 'sh', ...argv])
  const opened = sysv.open({ query: run, accounts: new AccountFiles(), root })
  return { look: opened.look, act: opened.change(run), good: 'app', broken: 'broken' }
}

const hasSysv =
  process.getuid?.() === 0 &&
  existsSync('/usr/sbin/update-rc.d') &&
  existsSync('/etc/rc2.d') &&
  !existsSync('/run/systemd/system') &&
  spawnSync('unshare', ['-m', 'mount', '--bind', '/tmp', '/mnt']).status === 0

describe.skipIf(!hasSysv)('System V, by the programs of this Debian (needs root and no systemd)', () => {
  let scripts = hasSysv ? sysvRoot() : undefined
  beforeEach(() => {
    scripts = sysvRoot()
  })
  serviceProviderContract('sysv', () => scripts ?? sysvRoot(), { masks: false })
})
