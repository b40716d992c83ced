/**
 * Servers and firewalls on a real Debian host: Apache, supervisor, iptables, nftables, ufw, firewalld, certificates. The
 * dry run tells what the real run does, a second run is silent, the programs themselves say that it is so, and undo.job
 * takes it back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const web = `apache2: {service.running: []}
rewrite: {apache_module.enabled: [watch_in: [{service: apache2}]]}
proxy_http: {apache_module.enabled: [watch_in: [{service: apache2}]]}
status: {apache_module.disabled: [watch_in: [{service: apache2}]]}
/etc/apache2/sites-available/shop.conf:
  apache.configfile:
    - config:
      - VirtualHost:
          this: '*:80'
          ServerName: shop.example.org
          DocumentRoot: /srv/shop
          Directory: {this: /srv/shop, Require: all granted}
shop:
  apache_site.enabled:
    - require: [{apache: /etc/apache2/sites-available/shop.conf}]
    - watch_in: [{service: apache2}]
000-default: {apache_site.disabled: [watch_in: [{service: apache2}]]}
security: {apache_conf.disabled: [watch_in: [{service: apache2}]]}
`
const workers = `supervisor: {service.running: []}
/etc/supervisor/conf.d/app.conf:
  file.managed:
    - contents: |
        [program:app]
        command=/bin/sleep {{ pillar.get('seconds', 1000) }}
        [program:worker]
        command=/bin/sleep 1000
        process_name=%(program_name)s_%(process_num)d
        numprocs=2
app:
  supervisord.running:
    - update: True
    - require: [{service: supervisor}]
    - watch: [{file: /etc/supervisor/conf.d/app.conf}]
workers:
  supervisord.running:
    - name: 'worker:*'
    - require: [{supervisord: app}]
`
const tables = `ZONE_LOCAL: {iptables.chain_present: []}
{% for family in ['ipv4', 'ipv6'] %}
established {{ family }}:
  iptables.append: [chain: INPUT, family: {{ family }}, match: conntrack, ctstate: 'RELATED,ESTABLISHED', jump: ACCEPT, save: True]
web {{ family }}:
  iptables.append:
    - table: filter
    - chain: INPUT
    - family: {{ family }}
    - jump: ACCEPT
    - match: [state, comment]
    - connstate: NEW
    - proto: tcp
    - dports: [80, 443]
    - comment: the web's "ports"
    - save: True
{% endfor %}
zone:
  iptables.append: [chain: INPUT, source: '! 10.9.0.0/16', in-interface: eth7, jump: ZONE_LOCAL, require: [{iptables: ZONE_LOCAL}]]
limited: {iptables.append: [chain: ZONE_LOCAL, proto: tcp, tcp-flags: 'SYN,ACK SYN', match: limit, limit: 5/min, jump: LOG, log-prefix: '-- new: ', require: [{iptables: ZONE_LOCAL}]]}
ssh: {iptables.insert: [chain: INPUT, position: 1, proto: tcp, dport: 22, jump: ACCEPT]}
out: {iptables.append: [table: nat, chain: POSTROUTING, out-interface: eth7, jump: MASQUERADE]}
forward: {iptables.set_policy: [chain: FORWARD, policy: DROP]}
`
const noTables = `ssh: {iptables.delete: [chain: INPUT, proto: tcp, dport: 22, jump: ACCEPT]}
nat: {iptables.flush: [table: nat]}
input: {iptables.flush: [chain: INPUT]}
ZONE_LOCAL: {iptables.chain_absent: []}
`
const nft = `filter: {nftables.table_present: [family: inet]}
input: {nftables.chain_present: [family: inet, table_type: filter, hook: input, priority: 0]}
guests: {nftables.chain_present: [family: inet]}
closed: {nftables.set_policy: [family: inet, chain: input, policy: accept]}
established: {nftables.append: [family: inet, chain: input, match: state, connstate: 'established,related', jump: accept]}
lo: {nftables.append: [family: inet, chain: input, if: lo, jump: accept]}
web: {nftables.append: [family: inet, chain: input, proto: tcp, connstate: new, dports: '80,443', jump: accept, save: True]}
range: {nftables.append: [family: inet, chain: input, proto: udp, sport: '1025:65535', dport: 53, source: 10.0.0.0/8, jump: guests]}
ping: {nftables.append: [family: inet, chain: input, proto: icmpv6, icmpv6-type: echo-request, jump: accept]}
first: {nftables.insert: [family: inet, chain: input, proto: tcp, dport: 22, jump: accept, comment: the door]}
`
const noNft = `web: {nftables.delete: [family: inet, chain: input, proto: tcp, connstate: new, dports: '80,443', jump: accept]}
range: {nftables.delete: [family: inet, chain: input, proto: udp, sport: '1025:65535', dport: 53, source: 10.0.0.0/8, jump: guests]}
guests: {nftables.chain_absent: [family: inet]}
filter: {nftables.table_absent: [family: inet, require: [{nftables: guests}]]}
`

const simple = `outside: {ufw.default_outgoing: [default: allow]}
inside: {ufw.default_incoming: [default: deny]}
ssh: {ufw.limit: [protocol: tcp, to_port: 22, comment: '"the door"']}
web: {ufw.allowed: [protocol: tcp, to_port: '80,443']}
office: {ufw.allow: [from_addr: 10.0.0.0/8, to_port: 5432, protocol: tcp]}
eth7: {ufw.allowed: [interface: eth7]}
bad: {ufw.deny: [from_addr: 203.0.113.7]}
switch: {ufw.enabled: [enabled: True]}
`
const zones = `firewalld: {service.running: []}
shopping: {firewalld.service: [ports: [4505/tcp, 4506/tcp], protocols: [ah]]}
public:
  firewalld.present:
    - ports: [8080/tcp, 1000-1010/udp]
    - services: [http, https, shopping]
    - prune_services: True
    - port_fwd: ['22:2222:tcp', '80:443:tcp:192.168.0.1']
    - block_icmp: [echo-reply]
    - rich_rules: ['rule family="ipv4" source address="10.9.9.9" drop']
    - masquerade: True
    - require: [{firewalld: shopping}]
inner: {firewalld.present: [sources: [10.8.0.0/16], default: True]}
inner again: {firewalld.bind: [name: inner, interfaces: eth7]}
`
const answers = `http://127.0.0.1/: {http.query: [status: 200, match: html]}
wait: {http.wait_for_successful_query: [name: 'http://127.0.0.1/', status: 200, wait_for: 5]}
myco/told: {event.send: [data: {version: 1}]}
`

const pki = `{% for name in ['ca', 'www'] %}
/etc/pki/{{ name }}.key: {x509.private_key_managed: [algo: ec]}
{% endfor %}
/etc/pki/ca.crt:
  x509.certificate_managed:
    - signing_private_key: /etc/pki/ca.key
    - CN: ca.example.org
    - basicConstraints: critical CA:true
    - keyUsage: critical cRLSign, keyCertSign
    - subjectKeyIdentifier: hash
/etc/pki/www.csr: {x509.csr_managed: [private_key: /etc/pki/www.key, CN: www.example.org, subjectAltName: 'DNS:www.example.org']}
/etc/pki/www.crt:
  x509.certificate_managed:
    - csr: /etc/pki/www.csr
    - signing_private_key: /etc/pki/ca.key
    - signing_cert: /etc/pki/ca.crt
/etc/pki/ca.crl:
  x509.crl_managed:
    - signing_private_key: /etc/pki/ca.key
    - signing_cert: /etc/pki/ca.crt
    - revoked: [{certificate: /etc/pki/www.crt, reason: keyCompromise}]
`

const packages = 'openssl apache2 supervisor iptables nftables ufw firewalld openssh-server'

describe('servers and firewalls', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'web.sls': web,
      'workers.sls': workers,
      'tables.sls': tables,
      'no-tables.sls': noTables,
      'nft.sls': nft,
      'no-nft.sls': noNft,
      'simple.sls': simple,
      'zones.sls': zones,
      'answers.sls': answers,
      'pki.sls': pki,
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
    // No service is started by its package: the states do that, and no firewall of a package comes in between.
    await host.sh(`mkdir -p /srv/shop /etc/pki; printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
      apt-get update -q && DEBIAN_FRONTEND=noninteractive timeout 400 apt-get install -qy --no-install-recommends ${packages} < /dev/null`)
  })
  afterAll(() => fleet?.halt())

  async function undoLast(): Promise<string> {
    const listed = await site.must('tsalt', ['one', 'undo.list', '--out', 'json', '--static'])
    const job =
      listed
        .match(/"(\d{20})"/g)
        ?.at(-1)
        ?.slice(1, -1) ?? ''
    const { stdout, code } = await site.tsalt(['one', 'undo.job', job])
    expect(code, stdout).toBe(0)
    return stdout
  }

  test('Apache has its modules, sites and configurations, and loses them again', async () => {
    const { real } = await holds(site, 'one', ['state.apply', 'web'])
    expect(Object.keys(real)).toHaveLength(8)
    expect(
      await host.sh('apache2ctl configtest 2>&1; a2query -m proxy; a2query -s; apache2ctl -S 2>&1'),
    ).toMatch(
      /Syntax OK[\s\S]*proxy \(enabled[\s\S]*shop \(enabled by site administrator\)[\s\S]*shop\.example\.org/,
    )
    await undoLast()
    expect(await host.sh('a2query -s; a2query -m proxy 2>&1 || true')).toMatch(
      /000-default[\s\S]*No module matches/,
    )
  })

  test('supervisor runs what it is told to', async () => {
    await holds(site, 'one', ['state.apply', 'workers'])
    expect(await host.sh('supervisorctl status')).toMatch(
      /app +RUNNING[\s\S]*worker:worker_0 +RUNNING[\s\S]*worker:worker_1 +RUNNING/,
    )
    const pid = await host.sh('supervisorctl pid app')
    const changed = await apply(site, 'one', ['state.apply', 'workers', 'pillar={seconds: 2000}'])
    expect(Object.values(changed).filter(({ result }) => result !== true)).toEqual([])
    expect(await host.sh('supervisorctl pid app')).not.toBe(pid)
    expect(await host.sh('ps -C sleep -o args=')).toContain('sleep 2000')
  })

  test('iptables has its rules, and they are saved', async () => {
    await holds(site, 'one', ['state.apply', 'tables'])
    const rules = await host.sh('iptables-save; ip6tables-save; cat /etc/iptables/rules.v4')
    expect(rules).toContain('-A INPUT ! -s 10.9.0.0/16 -i eth7 -j ZONE_LOCAL')
    expect(rules).toContain('--log-prefix "-- new: "')
    expect(rules).toContain(`--comment "the web\\'s \\"ports\\""`)
    expect(await host.sh('iptables -S INPUT | sed -n 2p')).toContain('--dport 22 -j ACCEPT')
    expect(await host.sh('iptables -S FORWARD')).toContain('-P FORWARD DROP')
    await undoLast()
    expect(
      await host.sh('iptables -S; iptables -t nat -S; ip6tables -S; ls /etc/iptables || true'),
    ).not.toMatch(/-A |ZONE|DROP|rules/)
  })

  test('iptables loses its rules, and gets them back', async () => {
    await apply(site, 'one', ['state.apply', 'tables'])
    const before = await host.sh('iptables -S; iptables -t nat -S')
    await holds(site, 'one', ['state.apply', 'no-tables'])
    expect(await host.sh('iptables -S; iptables -t nat -S')).not.toMatch(/-A |ZONE/)
    await undoLast()
    expect((await host.sh('iptables -S; iptables -t nat -S')).replace(/-P .*\n/g, '')).toBe(
      before.replace(/-P .*\n/g, ''),
    )
  })

  test('nftables has its chains and rules', async () => {
    await holds(site, 'one', ['state.apply', 'nft'])
    const listed = await host.sh('nft list table inet filter')
    expect(listed).toContain('tcp dport 22 accept comment "the door"')
    expect(listed).toContain('ip saddr 10.0.0.0/8 udp dport 53 udp sport 1025-65535 jump guests')
    await host.sh('nft -f /etc/nftables/salt-all-in-one.nft')
    await undoLast()
    expect(await host.sh('nft list tables')).not.toContain('inet filter')
  })

  test('nftables loses them, and gets them back', async () => {
    await apply(site, 'one', ['state.apply', 'nft'])
    const before = await host.sh('nft list table inet filter')
    await holds(site, 'one', ['state.apply', 'no-nft'])
    expect(await host.sh('nft list tables')).not.toContain('inet filter')
    await undoLast()
    expect(await host.sh('nft list table inet filter')).toBe(before)
  })

  test('ufw has its rules and is on', async () => {
    await host.sh('nft flush ruleset')
    await holds(site, 'one', ['state.apply', 'simple'])
    const status = await host.sh('ufw status verbose')
    expect(status).toMatch(/Status: active[\s\S]*deny \(incoming\), allow \(outgoing\)/)
    expect(status).toMatch(/22\/tcp +LIMIT IN +Anywhere +# the door/)
    expect(status).toMatch(/5432\/tcp +ALLOW IN +10\.0\.0\.0\/8/)
    expect(await host.sh('ufw status numbered')).toMatch(/\[ 1\] Anywhere +DENY IN +203\.0\.113\.7/)
    await undoLast()
    expect(await host.sh('ufw status; ufw show added')).toMatch(/Status: inactive[\s\S]*\(None\)/)
  })

  test('firewalld has its zones and services', async () => {
    await host.sh('nft flush ruleset; systemctl start firewalld')
    await holds(site, 'one', ['state.apply', 'zones'])
    expect(await host.sh('firewall-cmd --zone=public --list-all')).toMatch(
      /services: http https shopping[\s\S]*8080\/tcp[\s\S]*masquerade: yes[\s\S]*toport=2222[\s\S]*echo-reply[\s\S]*10\.9\.9\.9/,
    )
    expect(
      await host.sh('firewall-cmd --get-default-zone; firewall-cmd --zone=inner --list-interfaces'),
    ).toBe('inner\neth7\n')
    await undoLast()
    expect(
      await host.sh('firewall-cmd --get-default-zone; firewall-cmd --get-zones; firewall-cmd --get-services'),
    ).not.toMatch(/inner|shopping/)
    expect(await host.sh('firewall-cmd --zone=public --list-all')).toMatch(
      /services: dhcpv6-client ssh\n[\s\S]*masquerade: no/,
    )
    await host.sh('systemctl stop firewalld; nft flush ruleset')
  })

  test('a server is asked', async () => {
    await host.sh('systemctl start apache2')
    const entries = await apply(site, 'one', ['state.apply', 'answers'])
    expect(Object.values(entries).map(({ result, comment }) => [result, comment])).toEqual([
      [true, 'Match text "html" was found. Status 200 was found.'],
      [true, 'Status 200 was found.'],
      [true, 'Event fired'],
    ])
    await host.sh('systemctl stop apache2')
    const down = await apply(site, 'one', ['state.apply', 'answers'])
    expect(Object.values(down).map(({ result }) => result)).toEqual([false, false, true])
  })

  test('certificates are what openssl makes of them', async () => {
    await holds(site, 'one', ['state.apply', 'pki'])
    expect(
      await host.sh(`cd /etc/pki; openssl verify -CAfile ca.crt www.crt; openssl req -in www.csr -noout -verify 2>&1
        openssl crl -in ca.crl -noout -text -CAfile ca.crt 2>&1; stat -c %a ca.key
        openssl verify -crl_check -CAfile ca.crt -CRLfile ca.crl www.crt 2>&1 || true`),
    ).toMatch(
      /www\.crt: OK[\s\S]*verify OK[\s\S]*verify OK[\s\S]*Key Compromise[\s\S]*400\n[\s\S]*certificate revoked/,
    )
    await undoLast()
    expect(await host.sh('ls /etc/pki')).toBe('')
  })
})
