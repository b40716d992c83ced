/**
 * More states of the system on a real Debian host: mail aliases, jobs of at, access control lists, locales, known
 * hosts, passwords of web servers, whole crontabs, repositories of git, and the name of the machine. The dry run tells
 * what the real run does, a second run is silent, and undo.job brings the machine back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const packages = 'acl, at, locales, git, apache2-utils, openssh-client, openssh-server, kmod, e2fsprogs'

const system = `root: {alias.present: [target: [ops@example.org, backup]]}
webmaster: {alias.present: [target: root]}
tidy: {at.present: [job: /bin/true --tidy, timespec: '3:00 tomorrow', tag: tidy, user: app]}
once: {at.present: [name: 'echo once', timespec: now + 2 hours]}
app may write:
  acl.present: [name: /srv/shared, acl_type: user, acl_name: daemon, perms: rwx, recurse: True]
app may write later:
  acl.present: [name: /srv/shared, acl_type: 'default:user', acl_name: daemon, perms: rwx, recurse: True]
readers: {acl.list_present: [name: /srv/list, acl_type: group, acl_names: [daemon, mail], perms: rx]}
de_DE.UTF-8: {locale.present: []}
the language: {locale.system: [name: de_DE.UTF-8]}
127.0.0.1: {ssh_known_hosts.present: [port: 2222, user: root]}
alice: {webutil.user_exists: [password: secret word, htpasswd_file: /srv/htpasswd, options: B, update: True]}
bob: {webutil.user_exists: [password: other, htpasswd_file: /srv/htpasswd]}
/srv/crontab: {cron.file: [user: daemon]}
bare: {git.present: [name: /srv/new.git, shared: group]}
detached: {git.detached: [name: 'file:///srv/origin', target: /srv/detached, rev: v1]}
over ssh:
  git.latest: [name: 'ssh://root@127.0.0.1:2222/srv/origin', target: /srv/over-ssh, identity: /root/.ssh/id_test, require: [{ssh_known_hosts: 127.0.0.1}]]
user.name: {git.config: [value: Deploy, is_global: True]}
network: {network.system: [hostname: renamed.example.org]}
`
const changed = `alice: {webutil.user_exists: [password: another word, htpasswd_file: /srv/htpasswd, options: B, update: True]}
detached: {git.detached: [name: 'file:///srv/origin', target: /srv/detached, rev: main]}
root: {alias.present: [target: nobody@example.org]}
`
const gone = `root: {alias.absent: []}
no jobs: {at.absent: [tag: tidy]}
app may write: {acl.absent: [name: /srv/shared, acl_type: user, acl_name: daemon, recurse: True]}
readers: {acl.list_absent: [name: /srv/list, acl_type: group, acl_names: [daemon, mail]]}
127.0.0.1: {ssh_known_hosts.absent: [port: 2222, user: root]}
bob: {webutil.user_absent: [htpasswd_file: /srv/htpasswd]}
`
const wrong = `deceived: {ssh_known_hosts.present: [name: 127.0.0.1, port: 2222, fingerprint: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']}
nobody answers: {ssh_known_hosts.present: [name: 127.0.0.1, port: 2, timeout: 1]}
yesterday: {at.present: [name: 'true', timespec: 'noon yesterday']}
klingon: {locale.present: [name: tlh_QO.UTF-8]}
`

describe('more states of the system', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'packages.sls': `tools: {pkg.installed: [pkgs: [${packages}]]}\n`,
      'system.sls': system,
      'changed.sls': changed,
      'gone.sls': gone,
      'wrong.sls': wrong,
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
    await apply(site, 'one', ['state.apply', 'packages'])
    await host.sh(`useradd -m app; mkdir -p /srv/shared/sub /srv/list /root/.ssh /run/sshd
      touch /srv/shared/sub/file && printf '0 3 * * * /bin/true\\n' > /srv/crontab
      printf 'postmaster: root\\n' > /etc/aliases
      printf '#!/bin/sh\\ncat /etc/aliases > /srv/aliases.db\\n' > /usr/local/bin/newaliases && chmod 755 /usr/local/bin/newaliases
      newaliases
      ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_test && cat /root/.ssh/id_test.pub >> /root/.ssh/authorized_keys
      ssh-keygen -A >/dev/null
      /usr/sbin/sshd -p 2222 -o PermitRootLogin=yes -o StrictModes=no
      git init -q -b main /srv/origin && cd /srv/origin && git config user.email a@b && git config user.name a
      echo one > file && git add file && git commit -q -m one && git tag v1 && echo two > file && git commit -q -am two`)
  })
  afterAll(() => fleet?.halt())

  const picture = (): Promise<string> =>
    host.sh(`cat /etc/aliases /srv/aliases.db /etc/hostname /proc/sys/kernel/hostname /etc/locale.gen
      atq | cut -f2; locale -a; cat /etc/default/locale 2>/dev/null; getfacl -pR /srv/shared /srv/list
      cat /var/spool/cron/crontabs/daemon /srv/htpasswd /root/.ssh/known_hosts /root/.gitconfig 2>/dev/null
      ls -d /srv/new.git /srv/detached /srv/over-ssh 2>/dev/null; true`)
  const newestJob = async (): Promise<string> => {
    const listed = await site.tsalt(['one', 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(listed.stdout).one).sort().at(-1) ?? ''
  }

  test('are told, made, silent the second time, and undone', async () => {
    const before = await picture()
    const { real } = await holds(site, 'one', ['state.apply', 'system'])
    expect(Object.values(real).filter(({ changes }) => Object.keys(changes).length === 0)).toEqual([])
    expect(await host.sh('cat /srv/aliases.db')).toBe(
      'postmaster: root\nroot: ops@example.org, backup\nwebmaster: root\n',
    )
    expect(await host.sh('atq | wc -l; at -c $(atq | grep app | cut -f1) | tail -3')).toMatch(
      /^2\n[\s\S]*SALT: tidy\n\/bin\/true --tidy/,
    )
    expect(await host.sh('getfacl -p /srv/shared/sub /srv/list')).toMatch(
      /default:user:daemon:rwx[\s\S]*group:mail:r-x/,
    )
    expect(await host.sh('LC_ALL=de_DE.UTF-8 date -d 2026-11-22 +%B; cat /etc/default/locale')).toContain(
      'LANG=de_DE.UTF-8',
    )
    expect(await host.sh('ssh-keygen -F "[127.0.0.1]:2222" | grep -c "|1|"')).toMatch(/^[1-9]/)
    expect(
      await host.sh('htpasswd -vb /srv/htpasswd alice "secret word" 2>&1; crontab -l -u daemon'),
    ).toMatch(/correct[\s\S]*0 3 \* \* \*/)
    expect(
      await host.sh(
        'cat /srv/detached/file /srv/over-ssh/file; git -C /srv/new.git rev-parse --is-bare-repository; git config --global user.name',
      ),
    ).toBe('one\ntwo\ntrue\nDeploy\n')
    expect(await host.sh('hostname; cat /etc/hostname')).toBe('renamed\nrenamed\n')
    const job = await newestChange()
    const undone = await site.tsalt(['one', 'undo.job', job, '--out', 'json', '--static'])
    expect(undone.code, undone.stdout).toBe(0)
    expect(await picture()).toBe(before)
  })

  /** The last job that changed something: of those that did nothing there is no journal. */
  const newestChange = newestJob

  test('change, and go again', async () => {
    await holds(site, 'one', ['state.apply', 'system'])
    await holds(site, 'one', ['state.apply', 'changed'])
    expect(
      await host.sh('htpasswd -vb /srv/htpasswd alice "another word" 2>&1; cat /srv/detached/file'),
    ).toMatch(/correct[\s\S]*two/)
    await holds(site, 'one', ['state.apply', 'gone'])
    const left = await host.sh('cat /etc/aliases; atq; getfacl -pR /srv/shared /srv/list; cat /srv/htpasswd')
    expect(left.split('\n').filter((line) => /^root|app$|:mail:|^bob:|^user:daemon/.test(line))).toEqual([])
  })

  test('what cannot be is said, and nothing is written', async () => {
    const entries = await apply(site, 'one', ['state.apply', 'wrong'])
    const said = Object.values(entries).map(({ result, comment }) => `${result} ${comment}`)
    expect(said[0]).toMatch(/^false .*none of their fingerprints match/)
    expect(said[1]).toMatch(/^false .*Unable to receive remote host keys/)
    expect(said[2]).toMatch(/^false .*failed to be added: /)
    expect(said[3]).toMatch(/^false .*is not one that this system knows/)
  })
})
