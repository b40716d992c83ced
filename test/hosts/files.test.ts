/**
 * Files on a real Debian host: mounts of a file system in memory and of a directory, attributes of files, fifos, links, backups, users in full, and a download that is fetched once. Dry run = real run, the second one is
 * silent, undo.job brings the host back. Then what makes trouble: bytes that are no text, full disks, many entries.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const sum = '434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53'
const files = `/mnt/memory:
  mount.mounted: [device: tmpfs, fstype: tmpfs, opts: [size=8M, mode=0750, nodev, nofail], mkmnt: True]
/mnt/bind:
  mount.mounted: [device: /srv/www, fstype: none, opts: [bind, nofail], mkmnt: True]
tmpfs: {mount.fstab_present: [fs_file: /mnt/later, fs_vfstype: tmpfs, fs_mntops: 'nofail,size=1M']}
/srv/fifo: {file.mknod: [ntype: p, mode: '0620', user: daemon]}
/srv/link: {file.symlink: [target: /etc/hostname, backupname: link.before]}
/srv/latin: {file.managed: [contents: 'Grüße €', encoding: iso-8859-15]}
/srv/download: {file.managed: [source: 'http://127.0.0.1:8111/download', source_hash: ${sum}]}
/srv/backups: {file.retention_schedule: [retain: {most_recent: 2}, strptime_format: 'b-%Y%m%d']}
/srv/empty: {file.pruned: [recurse: True]}
/srv/tool: {file.directory: [user: daemon, mode: '0750']}
tool: {file.recurse: [name: /srv/tool, source: 'salt://tool', user: daemon, dir_mode: '0750', file_mode: '0755']}
alice:
  user.present:
    - uid: 4100
    - fullname: Alice Example
    - workphone: '555'
    - shell: /bin/bash
    - home: /srv/alice
    - groups: [daemon]
    - optional_groups: [mail, no-such-group]
    - password: a plain word
    - hash_password: True
    - expire: 2035-01-01
    - maxdays: 90
    - warndays: 5
    - usergroup: True
bob: {user.present: [password: '$6$abc$enN.FzKvpZbqvmEMwDViBBa6naJ8erVzeupiT2m/gvv1sPyhfn8yOCXbUOVEGmP9atqSrmtVYtlyAtOTRJ7C60', password_lock: True, createhome: False]}
carol: {user.present: [uid: 4103, empty_password: True, createhome: False, groups: [mail]]}
`
const changed = `/mnt/memory: {mount.mounted: [device: tmpfs, fstype: tmpfs, opts: [size=4M, mode=0750, nosuid]]}
alice: {user.present: [password: another word, hash_password: True, expire: -1, uid: 4200, allow_uid_change: True, groups: [mail], home: /srv/alice]}
bob: {user.present: [password_lock: False]}
carol: {user.present: [groups: [daemon], remove_groups: False, shell: /usr/sbin/nologin]}
`
const gone = `/mnt/memory: {mount.unmounted: [persist: True]}
/mnt/bind: {mount.unmounted: [persist: True]}
tmpfs: {mount.fstab_absent: [fs_file: /mnt/later]}
bob: {user.absent: [purge: True]}
`

describe('files and file systems', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'packages.sls': 'tools: {pkg.installed: [pkgs: [e2fsprogs, python3]]}\n',
      'files.sls': files,
      'tool/run': '#!/bin/sh\n',
      'tool/lib/part': 'part\n',
      'changed.sls': changed,
      'gone.sls': gone,
      'full.sls':
        '/mnt/small/file: {file.managed: [source: /srv/large]}\n/mnt/small/other: {file.managed: [contents: fits]}\n',
      'many.sls': '/srv/many: {file.directory: [user: daemon, recurse: [user]]}\n',
      'locked.sls': '/srv/locked: {file.managed: [contents: locked, attrs: i]}\n',
      'changed-locked.sls': '/srv/locked: {file.managed: [contents: changed, attrs: ia]}\n',
      'again.sls': `/srv/again: {file.managed: [source: 'http://127.0.0.1:8111/download', source_hash: ${sum}]}\n`,
      'bytes.sls': `/srv/bytes: {file.append: [text: last]}
/srv/crlf: {file.replace: [pattern: 'two', repl: 'zwei']}
/srv/crlf-too: {file.append: [text: three]}
/srv/no-newline: {file.append: [text: two]}
`,
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
    await apply(site, 'one', ['state.apply', 'packages'])
    await host.sh(`cd /srv && mkdir -p /mnt/later
      mkdir -p www empty/a/b backups && echo content > www/download && echo before > link
      touch backups/b-20260101 backups/b-20260102 backups/b-20260103 backups/other
      touch /etc/fstab
      cd www && (python3 -m http.server --bind 127.0.0.1 8111 > /var/log/http.log 2>&1 &)
      sleep 1`)
  })
  afterAll(() => fleet?.halt())

  const picture = (): Promise<string> =>
    host.sh(`cat /etc/fstab; grep -E '/mnt' /proc/mounts
      ls -la --time-style=+ /srv /srv/backups /srv/empty 2>/dev/null | sed 's/^total.*//'; cat /srv/link
      getent passwd alice bob carol; getent group daemon mail alice bob carol; grep -E '^(alice|bob|carol):' /etc/shadow; true`)
  const newestJob = async (): Promise<string> => {
    const listed = await site.tsalt(['one', 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(listed.stdout).one).sort().at(-1) ?? ''
  }

  test('are told, made, silent the second time, and undone', async () => {
    const before = await picture()
    const { real } = await holds(site, 'one', ['state.apply', 'files'])
    expect(Object.entries(real).filter(([, { changes }]) => Object.keys(changes).length === 0)).toEqual([])
    expect(await host.sh('grep /mnt /proc/mounts; cat /mnt/bind/download')).toMatch(
      /tmpfs \/mnt\/memory tmpfs rw,nodev[^\n]*size=8192k,mode=750[\s\S]*\/mnt\/bind[\s\S]*\/mnt\/later[\s\S]*content/,
    )
    expect(
      await host.sh(
        'stat -c "%F %a %U" /srv/fifo; readlink /srv/link; cat /srv/link.before; od -An -tx1 /srv/latin; ls /srv/backups',
      ),
    ).toBe(
      'fifo 620 daemon\n/etc/hostname\nbefore\n 47 72 fc df 65 20 a4 0a\nb-20260102\nb-20260103\nother\n',
    )
    expect(
      await host.sh(
        'id -Gn alice | tr " " "\\n" | sort | tr "\\n" " "; getent passwd alice | cut -d: -f5; chage -l alice | grep -E "Account|Maximum"',
      ),
    ).toMatch(/alice daemon mail Alice Example,,555\n[\s\S]*Jan 01, 2035[\s\S]*90/)
    expect(
      await host.sh(
        'perl -e \'$h=(getpwnam("alice"))[1]; print crypt("a plain word",$h) eq $h ? "right" : "wrong"\'; passwd -S bob | cut -d\' \' -f2; passwd -S carol | cut -d\' \' -f2',
      ),
    ).toMatch(/^rightL\nNP\n/)
    const undone = await site.tsalt(['one', 'undo.job', await newestJob(), '--out', 'json', '--static'])
    expect(undone.code, undone.stdout).toBe(0)
    expect(await picture()).toBe(before)
  })

  test('a download with a known digest was fetched once', async () => {
    await holds(site, 'one', ['state.apply', 'again'])
    expect((await host.sh('grep -c "GET /download" /var/log/http.log')).trim()).toBe('1')
  })

  test('change, and go again', async () => {
    await holds(site, 'one', ['state.apply', 'files'])
    const { real } = await holds(site, 'one', ['state.apply', 'changed'])
    expect(JSON.stringify(real)).toContain('Forced remount because options (size=4M, nosuid) changed')
    expect(
      await host.sh('grep memory /proc/mounts; id -u alice; id -Gn carol; passwd -S bob | cut -d" " -f2'),
    ).toMatch(/nosuid[^\n]*size=4096k[\s\S]*4200\ncarol (?:daemon mail|mail daemon)\nP\n/)
    await holds(site, 'one', ['state.apply', 'gone'])
    expect(
      await host.sh(
        'grep -E "/mnt/(memory|bind|later)" /proc/mounts /etc/fstab | grep -v "proc/mounts:tmpfs /mnt/later"; getent passwd bob; true',
      ),
    ).toBe('')
  })

  test('a file that nobody may change is changed by its state', async ({ skip }) => {
    const may = await host.sh('touch /srv/t && chattr +i /srv/t && chattr -i /srv/t && echo yes || echo no')
    if (may !== 'yes\n')
      skip('the file system of this host, or its kernel, does not let chattr set what is immutable')
    await holds(site, 'one', ['state.apply', 'locked'])
    await holds(site, 'one', ['state.apply', 'changed-locked'])
    expect(await host.sh('cat /srv/locked; lsattr /srv/locked')).toMatch(/^changed\n-+ia-/)
    const undone = await site.tsalt(['one', 'undo.job', await newestJob(), '--out', 'json', '--static'])
    expect(undone.code, undone.stdout).toBe(0)
    expect(await host.sh('cat /srv/locked; lsattr /srv/locked; chattr -i /srv/locked')).toMatch(
      /^locked\n-+i-/,
    )
  })

  test('a full disk leaves the file as it was, and the rest of the run goes on', async () => {
    await host.sh(
      'mkdir -p /mnt/small && mount -t tmpfs -o size=256k tmpfs /mnt/small && echo old > /mnt/small/file && head -c 1M /dev/urandom > /srv/large',
    )
    const entries = Object.values(await apply(site, 'one', ['state.apply', 'full']))
    expect(entries.map(({ result }) => result)).toEqual([false, true])
    expect(entries[0]?.comment).toMatch(/no space|full/i)
    expect(await host.sh('cat /mnt/small/file; ls -A /mnt/small')).toBe('old\nfile\nother\n')
  })

  test('bytes that are no text, other ends of lines and a missing last newline stay as they are', async () => {
    await host.sh(
      "printf 'a\\377\\376\\000b\\n' > /srv/bytes; printf 'one\\r\\ntwo\\r\\n' > /srv/crlf; cp /srv/crlf /srv/crlf-too; printf one > /srv/no-newline",
    )
    await holds(site, 'one', ['state.apply', 'bytes'])
    expect(await host.sh('od -An -c /srv/bytes; od -An -c /srv/crlf; cat /srv/no-newline')).toMatch(
      /a 377 376 {2}\\0 {3}b {2}\\n {3}l[\s\S]*z {3}w {3}e {3}i {2}\\r {2}\\n[\s\S]*one\ntwo\n/,
    )
  })

  test('a directory of 20,000 entries is looked at in seconds', async () => {
    await host.sh('mkdir -p /srv/many && cd /srv/many && seq 1 20000 | xargs touch')
    await apply(site, 'one', ['state.apply', 'many'])
    const started = performance.now()
    const entries = Object.values(await apply(site, 'one', ['state.apply', 'many']))
    expect(entries.map(({ result, changes }) => [result, changes])).toEqual([[true, {}]])
    console.log(`20,000 entries: ${Math.round(performance.now() - started)} ms`)
    expect(await host.sh('find /srv/many ! -user daemon | wc -l')).toBe('0\n')
  })
})
