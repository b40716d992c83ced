/** The tree that states.test.ts applies. */

const script = `#!/bin/sh
echo "{{ pillar "greeting" }} {{ number }} $* $(id -un)"
`

const unit = `unit:
  file.managed:
    - name: /etc/systemd/system/demo.service
    - contents: |
        [Unit]
        Description=the first
        [Service]
        ExecStart=/bin/sleep infinity
        ExecReload=/bin/true
        [Install]
        WantedBy=multi-user.target
configuration:
  file.managed:
    - name: /etc/demo.conf
    - contents: a=1
demo:
  service.running:
    - enable: True
    - reload: False
    - watch: [file: unit, file: configuration]
`

const made = `template:
  file.managed:
    - name: /srv/t/deep/template
    - source: salt://sources/template
    - template: handlebars
    - context: {who: me}
    - user: nobody
    - group: nogroup
    - mode: '0640'
    - dir_mode: '0750'
    - makedirs: True
plain:
  file.managed: [name: /srv/t/plain, source: 'salt://sources/plain', mode: '0700']
pillar:
  file.managed: [name: /srv/t/pillar, contents_pillar: greeting]
grain:
  file.managed: [name: /srv/t/grain, contents_grains: role]
binary:
  file.managed: [name: /srv/t/binary, source: 'salt://sources/binary1']
secret:
  file.managed: [name: /srv/t/secret, contents: s1, show_changes: False]
tree:
  file.recurse: [name: /srv/t/tree, source: 'salt://sources/tree', template: handlebars, file_mode: '0644']
appended:
  file.append: [name: /srv/t/appended, text: [one, two]]
directory:
  file.directory: [name: /srv/t/a/b, makedirs: True, user: nobody, mode: '0750']
kept:
  file.managed: [name: /srv/t/kept/goes, contents: x, makedirs: True]
link:
  file.symlink: [name: /srv/t/links/link, target: /srv/t/plain, makedirs: True]
`

const changed = `plain:
  file.managed: [name: /srv/t/plain, source: 'salt://sources/plain2', backup: minion]
binary:
  file.managed: [name: /srv/t/binary, source: 'salt://sources/binary2']
secret:
  file.managed: [name: /srv/t/secret, contents: s2, show_changes: False, mode: '0600']
tree:
  file.recurse: [name: /srv/t/tree, source: 'salt://sources/tree', template: handlebars, clean: True]
link:
  file.symlink: [name: /srv/t/link, target: /srv/t/plain, force: True, backupname: /srv/t/link.old]
appended:
  file.append: [name: /srv/t/appended, text: [two, three]]
directory:
  file.directory: [name: /srv/t/a, user: nobody, group: nogroup, recurse: [user, group]]
kept:
  file.directory:
    - name: /srv/t/kept
    - clean: True
    - require: [file: stays]
stays:
  file.managed: [name: /srv/t/kept/stays, contents: x]
gone:
  file.absent: [name: /srv/t/deep]
`

const commands = `as:
  cmd.run:
    - name: echo "$FOO $(pwd) $(id -un)"
    - runas: nobody
    - cwd: /tmp
    - env: [FOO: bar]
input: {cmd.run: [name: cat, stdin: read me]}
once: {cmd.run: [name: touch /srv/once, creates: /srv/once]}
not-created: {cmd.run: [name: 'false', creates: /etc/passwd]}
not-wanted: {cmd.run: [name: 'false', onlyif: test -e /no/such]}
not-changed: {cmd.run: [name: 'false', onchanges: [test: quiet]]}
quiet: {test.nop: []}
waits: {cmd.wait: [name: echo waited, watch: [cmd: input]]}
accepted: {cmd.run: [name: exit 5, success_retcodes: [5]]}
script:
  cmd.script:
    - source: salt://sources/script
    - template: handlebars
    - context: {number: 7}
    - args: one "two three"
    - runas: nobody
`

const failing = `slow: {cmd.run: [name: sleep 9, timeout: 1]}
nobody-there: {cmd.run: [name: id, runas: nosuch]}
stateful: {cmd.run: [name: 'echo "changed=yes comment=''did it''"', stateful: True]}
unchanged: {cmd.run: [name: echo changed=no, stateful: True]}
`

const accountsMade = `staff-one: {group.present: [gid: 4500]}
staff-two: {group.present: [system: True]}
web:
  user.present:
    - uid: 4600
    - gid: staff-one
    - groups: [staff-two]
    - optional_groups: [no-such-group]
    - fullname: Web User
    - roomnumber: '7'
    - homephone: '3'
    - shell: /bin/bash
    - password: '$6$a$b'
`

export const stateTrees: Readonly<Record<string, string>> = {
  'sources/template': '{{ pillar "greeting" }} {{ who }} {{ grains.id }}\n',
  'sources/plain': '1\n2\n',
  'sources/plain2': '1\n2\n3\n',
  'sources/binary1': 'a\0b',
  'sources/binary2': 'a\0c',
  'sources/script': script,
  'sources/tree/a': 'a\n',
  'sources/tree/sub/b': '{{ grains.id }}\n',
  'packages/installed.yaml': `exact: {pkg.installed: [name: probe-a, version: 1.0-1]}
many: {pkg.installed: [pkgs: [probe-a, probe-b, probe-b]]}
`,
  'packages/latest.yaml': 'newest: {pkg.latest: [name: probe-a, refresh: True]}\n',
  'packages/older.yaml': `older: {pkg.installed: [name: probe-a, version: 1.0-1]}
older-held: {pkg.installed: [name: probe-b, version: 1.0-1, hold: True]}
`,
  'packages/held.yaml': `newer: {pkg.installed: [name: probe-b, version: '>=1.0-2']}
gone: {pkg.removed: [name: probe-b]}
`,
  'packages/released.yaml': 'released: {pkg.installed: [name: probe-b, hold: False]}\n',
  'packages/file.yaml': `file: {pkg.installed: [sources: [probe-a: /srv/repository/probe-a_1.0-2_all.deb]]}
`,
  'packages/gone.yaml': `removed: {pkg.removed: [pkgs: [probe-a, never-there]]}
purged: {pkg.purged: [name: probe-b]}
`,
  'packages/unknown.yaml': `probe-aa: {pkg.installed: []}
no-version: {pkg.installed: [name: probe-a, version: 9.9]}
`,
  'files/made.yaml': made,
  'files/changed.yaml': changed,
  'files/checked.yaml':
    'checked: {file.managed: [name: /srv/t/checked, contents: bad, check_cmd: grep good]}\n',
  'services/running.yaml': unit,
  'services/dead.yaml': `demo: {service.dead: [enable: False]}
cron: {service.masked: []}
`,
  'services/unmasked.yaml': `cron: {service.running: [unmask: True, enable: True]}
demo: {service.disabled: []}
`,
  'services/broken.yaml': `broken-unit:
  file.managed:
    - name: /etc/systemd/system/broken.service
    - contents: |
        [Service]
        ExecStart=/no/such/program
broken: {service.running: [require: [file: broken-unit]]}
`,
  'commands/run.yaml': commands,
  'commands/fail.yaml': failing,
  'accounts/made.yaml': accountsMade,
  'accounts/changed.yaml': `web:
  user.present:
    - uid: 4601
    - allow_uid_change: True
    - fullname: Web
    - shell: /bin/sh
    - groups: []
staff-two: {group.present: [gid: 4700, addusers: [nobody]]}
`,
  'accounts/gone.yaml': `web: {user.absent: [purge: True]}
staff-one: {group.absent: []}
staff-two: {group.absent: []}
`,
}
