/**
 * Execution functions by hand, on a real Debian host: what they answer is what its own programs say, what they change
 * is seen by these, and undo.job takes a call back as it does a state.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { Site } from './harness/site.ts'

const id = 'one'

describe('calls', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const trees = { states: { 'top.sls': 'base: {}\n' }, pillars: {} }
    site = await Site.install(fleet, trees, 'file_recv: True\nfile_recv_max_size: 8\n')
    host = await site.join({ host: 'one', id })
    await host.sh(`mkdir -p /srv/repo && cd /srv/repo && printf 'port=1\\n' > app.conf && mkfifo /srv/pipe
      mkdir -p /usr/share/zoneinfo/Europe && touch /usr/share/zoneinfo/Europe/Berlin; useradd --create-home deploy`)
  })
  afterAll(() => fleet?.halt())

  async function call(...words: string[]): Promise<unknown> {
    const { stdout, stderr } = await site.tsalt([id, ...words, '--out', 'json', '--static'])
    try {
      return JSON.parse(stdout)[id]
    } catch {
      throw new Error(`${words.join(' ')}: ${stdout} ${stderr}`)
    }
  }

  async function undoNewest(): Promise<void> {
    const jobs = (await call('undo.list')) as Record<string, unknown>
    const { code, stdout } = await site.tsalt([id, 'undo.job', Object.keys(jobs).sort().at(-1) ?? ''])
    expect(code, stdout).toBe(0)
  }

  const said = async (command: string): Promise<string> => (await host.sh(command)).trim()

  test.each([
    ['file.is_fifo', ['/srv/pipe'], 'test -p /srv/pipe && echo true'],
    ['file.diskusage', ['/srv/repo'], 'cat /srv/repo/* | wc -c'],
    ['file.get_sum', ['/etc/passwd', 'sha512'], 'sha512sum /etc/passwd | cut -d" " -f1'],
    ['file.uid_to_user', ['1'], 'id -nu 1'],
    ['timezone.get_zonecode', [], 'date +%Z'],
    ['timezone.get_offset', [], 'date +%z'],
    ['sysctl.get', ['vm.swappiness'], 'sysctl -n vm.swappiness'],
    ['status.version', [], 'cat /proc/version'],
    ['disk.percent', ['/'], "df -P / | tail -1 | awk '{print $5}'"],
    ['ps.boot_time', [], "awk '/^btime/ {print $2}' /proc/stat"],
    ['ps.total_physical_memory', [], "echo $(($(awk '/^MemTotal/ {print $2}' /proc/meminfo) * 1024))"],
    ['system.get_computer_name', [], 'hostname'],
    ['cmd.exec_code', ['bash', 'echo "$((6 * 7)) $BASH_VERSION"'], 'bash -c \'echo "42 $BASH_VERSION"\''],
    ['mount.is_mounted', ['/'], 'mountpoint -q / && echo true'],
    ['shadow.default_hash', [], 'echo "!"'],
  ])('%s %j is what the system says', async (fun, args, command) => {
    expect(String(await call(fun, ...args))).toBe(await said(command))
  })

  test('processes are those of ps', async () => {
    const pids = (await call('ps.pgrep', 'systemd')) as number[]
    expect(pids).toContain(1)
    const info = (await call('ps.proc_info', '1')) as Record<string, unknown>
    expect(info).toMatchObject({ pid: 1, ppid: 0, username: 'root', name: await said('cat /proc/1/comm') })
    await host.sh('setsid sleep 4321 </dev/null >/dev/null 2>&1 & sleep 0.2')
    expect(await call('ps.pkill', 'sleep 4321', 'full=True')).toEqual({ killed: [expect.any(Number)] })
    expect(await said('pgrep -f "sleep 432[1]" || echo gone')).toBe('gone')
  })

  test('a command in the background stays', async () => {
    const { pid } = (await call('cmd.run_bg', 'sleep 1234')) as { pid: number }
    expect(pid).toBeGreaterThan(1)
    expect(await said('pgrep -f "sleep 123[4]" | wc -l')).not.toBe('0')
  })

  test.each([
    [
      'cat /srv/repo/app.conf; ls /srv/repo',
      'file.replace',
      ['/srv/repo/app.conf', '^port=.*', 'repl=port=2'],
    ],
    [
      'ls -lR --time-style=+ /srv/repo /srv/new 2>&1',
      'file.makedirs',
      ['/srv/new/deep/', 'user=deploy', 'mode=0750'],
    ],
    ['crontab -l 2>&1', 'cron.set_job', ['root', '*/5', '*', '*', '*', '*', '/bin/true', 'identifier=t']],
    ['getent hosts db.calls', 'hosts.add_host', ['10.7.7.7', 'db.calls']],
    ['sysctl -n net.ipv4.ip_default_ttl', 'sysctl.assign', ['net.ipv4.ip_default_ttl', '77']],
    ['getent passwd deploy', 'user.chshell', ['deploy', '/bin/bash']],
    ['getent passwd fresh; getent group fresh; ls /home', 'user.add', ['fresh']],
    ['chage -l deploy', 'shadow.set_maxdays', ['deploy', '30']],
    ['getent shadow deploy', 'shadow.set_password', ['deploy', '$6$a$b']],
    ['getent group deploy', 'group.adduser', ['deploy', 'daemon']],
    ['readlink /etc/localtime; cat /etc/timezone', 'timezone.set_zone', ['Europe/Berlin']],
    ['cat /etc/fstab', 'mount.set_fstab', ['/mnt', 'tmpfs', 'tmpfs']],
    ['findmnt -n /mnt; true', 'mount.mount', ['/mnt', 'tmpfs', 'fstype=tmpfs']],
    [
      'update-alternatives --query t-tool 2>&1; true',
      'alternatives.install',
      ['t-tool', '/usr/bin/t-tool', '/bin/cat', '5'],
    ],
    ['cat /srv/app.ini 2>&1', 'ini.set_option', ['/srv/app.ini', '{main: {port: 80}}']],
    ['ls /srv/a.tar 2>&1', 'archive.tar', ['cf', '/srv/a.tar', '/srv/repo']],
  ] as const)('"%s" is changed by %s and taken back', async (picture, fun, args) => {
    const before = await host.sh(`{ ${picture}; } || true`)
    await call(fun, ...args)
    const after = await host.sh(`{ ${picture}; } || true`)
    expect(after).not.toBe(before)
    await undoNewest()
    expect(await host.sh(`{ ${picture}; } || true`)).toBe(before)
  })

  test('files are pushed to the master, as many as it takes', async () => {
    const kept = '/var/cache/tsalt/master/minions/one'
    await host.sh(
      'head -c 3000000 /dev/urandom > /srv/large; ln -s large /srv/linked; printf "old\\n" > /srv/small',
    )
    expect(await call('cp.push', '/srv/linked', 'keep_symlinks=True')).toBe(true)
    expect(await call('cp.push_dir', '/srv', 'glob=sm*', 'upload_path=/some')).toBe(true)
    const sum = (path: string) => `sha256sum < ${path}`
    expect(await site.master.sh(sum(`${kept}/files/srv/linked`))).toBe(await host.sh(sum('/srv/large')))
    expect(
      await site.master.sh(
        `cat ${kept}/files/some/small; stat -c '%U %a' ${kept}/files/some/small; ls ${kept}/parts`,
      ),
    ).toBe('old\ntsalt 600\n')
    await host.sh('head -c 9000000 /dev/zero > /srv/huge')
    expect(await call('cp.push', '/srv/huge')).toContain('more than 8 MB')
    expect(await site.master.sh('grep file.push /var/log/tsalt/audit')).toContain('"actor":"minion:one"')
  })
})
