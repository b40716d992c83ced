/**
 * Servers on a real Debian host: Apache, supervisor, certificates, and servers that are asked. The dry run tells what the
 * real run does, a second run is silent, the programs themselves say that it is so, and undo.job takes it back.
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

const packages = 'openssl apache2 supervisor'

describe('servers', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'web.sls': web,
      'workers.sls': workers,
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
