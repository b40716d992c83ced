/**
 * PostgreSQL, MariaDB and Redis of Debian: installed, started and filled by one tree. The dry run tells what
 * the real run does, a second run is silent, what somebody changed is put right, what a server refuses is one message,
 * and an undo takes it all back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const servers = `servers:
  pkg.installed: [pkgs: [postgresql, mariadb-server, redis-server]]
running:
  service.running:
    - names: [postgresql, mariadb, redis-server]
    - require: [{pkg: servers}]
first role: {postgres_user.present: [name: first, require: [{service: postgresql}]]}
first database: {mysql_database.present: [name: first, require: [{service: mariadb}]]}
first key: {redis.string: [name: first, value: 1, require: [{service: redis-server}]]}
`
const postgres = `readers: {postgres_group.present: []}
app:
  postgres_user.present:
    - password: {{ pillar['secret'] | yaml_dquote }}
    - groups: readers
    - createdb: True
    - valid_until: 2030-01-01
old style: {postgres_user.present: [name: "odd \\"name'", password: ünï, encrypted: md5, login: False]}
shop:
  postgres_database.present: [owner: app, encoding: utf-8, lc_collate: C.UTF-8, lc_ctype: C.UTF-8, template: template0]
sales: {postgres_schema.present: [dbname: shop, owner: app]}
pg_trgm: {postgres_extension.present: [maintenance_db: shop, schema: sales]}
plpgsql: {postgres_language.present: [maintenance_db: shop]}
/srv/fast: {file.directory: [user: postgres, mode: '0700']}
fast: {postgres_tablespace.present: [directory: /srv/fast, owner: app, options: {random_page_cost: 1.1}]}
on schema: {postgres_privileges.present: [name: readers, object_name: sales, object_type: schema, privileges: USAGE, maintenance_db: shop]}
on database: {postgres_privileges.present: [name: readers, object_name: shop, object_type: database, privileges: [CONNECT, TEMP], grant_option: True]}
member: {postgres_privileges.present: [name: "odd \\"name'", object_name: readers, object_type: group]}
nobody makes tables: {postgres_privileges.absent: [name: public, object_name: shop, object_type: database, privileges: [TEMP]]}
on function: {postgres_privileges.present: [name: readers, object_name: "similarity(text, text)", object_type: function, privileges: EXECUTE, maintenance_db: shop, prepend: sales]}
second: {postgres_cluster.present: [version: '15', port: 5544]}
`
const mysql = `wiki: {mysql_database.present: [character_set: utf8mb4, collate: utf8mb4_unicode_ci]}
my_db%: {mysql_database.present: []}
app: {mysql_user.present: [host: localhost, password: {{ pillar['secret'] | yaml_dquote }}]}
reports: {mysql_user.present: [host: 10.0.0.%, password_hash: '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4']}
backup: {mysql_user.present: [unix_socket: True]}
on my_db%: {mysql_grants.present: [grant: 'select,insert', database: my_db%.*, user: app]}
on wiki: {mysql_grants.present: [grant: all privileges, database: wiki.*, user: app, grant_option: True]}
on users: {mysql_grants.present: [grant: 'select (user, host), update', database: mysql.user, user: reports, host: 10.0.0.%, ssl_option: [{SSL: True}]]}
everything: {mysql_grants.present: [grant: all, database: '*.*', user: backup]}
`
const redis = `feature: {redis.string: [value: "it's on\\n"]}
note: {redis.string: [value: 12, expire: 3600]}
old: {redis.absent: []}
`
const refused = `owner: {postgres_database.present: [name: refused, owner: nobody-at-all]}
time: {postgres_user.present: [name: refused, valid_until: never]}
set: {mysql_database.present: [name: refused, character_set: utf9]}
table: {mysql_grants.present: [grant: select, database: wiki.none, user: app]}
list: {redis.string: [name: list, value: 1]}
`
/** A password that every kind of quoting trips over. */
const secret = `p'w"d\\; DROP $x \`é`

describe('databases', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'db'])
    const states = { servers, postgres, mysql, redis, refused }
    site = await Site.install(fleet, {
      states: Object.fromEntries(Object.entries(states).map(([name, text]) => [`${name}.sls`, text])),
      pillars: {
        'top.sls': "base: {'*': [secrets]}\n",
        'secrets.sls': `secret: ${JSON.stringify(secret)}\n`,
      },
    })
    host = await site.join({ host: 'db', id: 'db' })
  })
  afterAll(() => fleet?.halt())

  const sql = (text: string, database = 'postgres') =>
    host.exec(['runuser', '-u', 'postgres', '--', 'psql', '-XAtc', text, database])
  const newestJob = async (): Promise<string> => {
    const { stdout } = await site.tsalt(['db', 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(stdout).db).sort().at(-1) ?? ''
  }
  const picture = async (): Promise<string> =>
    [
      (
        await sql(
          'SELECT rolname, rolpassword FROM pg_authid ORDER BY 1; SELECT datname, datdba::regrole, datacl FROM pg_database ORDER BY 1',
        )
      ).stdout,
      await host.sh(
        'mysql -e "SELECT User, Host, plugin, authentication_string, ssl_type FROM mysql.user ORDER BY 1; SHOW DATABASES"',
      ),
      await host.sh('redis-cli --no-raw MGET feature note; redis-cli --no-raw LRANGE old 0 -1'),
      await host.sh('pg_lsclusters'),
    ].join('\n')
  const pictures: string[] = []
  const jobs: string[] = []
  const fill = async (sls: string): Promise<void> => {
    pictures.push(await picture())
    await apply(site, 'db', ['state.apply', sls])
    jobs.push(await newestJob())
  }

  test('servers of the same run cannot be told yet in a dry run, and are filled in the real one', async () => {
    const { dry } = await holds(site, 'db', ['state.apply', 'servers'])
    const unknown = Object.entries(dry).filter(([, entry]) => entry.__unknown__ !== undefined)
    expect(unknown.map(([tag]) => tag.split('_|-')[1])).toEqual(
      expect.arrayContaining(['first database', 'first key', 'first role']),
    )
    await host.sh('redis-cli rpush old a b; redis-cli rpush list a')
  })

  test('an undo takes back what three trees made, the last first, and tells so before', async () => {
    for (const sls of ['postgres', 'mysql', 'redis']) await fill(sls)
    for (const job of jobs.toReversed()) {
      const dry = Object.values(await apply(site, 'db', ['undo.job', job, 'test=True']))
      expect(dry.filter(({ result }) => result !== null).map(({ comment }) => comment)).toEqual([])
      const real = Object.values(await apply(site, 'db', ['undo.job', job]))
      expect(real.filter(({ result }) => result !== true).map(({ comment }) => comment)).toEqual([])
      expect(await picture()).toBe(pictures.pop())
    }
  })

  test('PostgreSQL', async () => {
    await holds(site, 'db', ['state.apply', 'postgres'])
    const login = await host.exec([
      'env',
      `PGPASSWORD=${secret}`,
      'psql',
      '-h',
      '127.0.0.1',
      '-U',
      'app',
      '-XAtc',
      'SELECT current_user',
      'shop',
    ])
    expect(login.stdout.trim(), login.stderr).toBe('app')
    expect(
      (
        await sql(
          "SELECT has_schema_privilege('readers', 'sales', 'USAGE'), has_database_privilege('readers', 'shop', 'TEMP WITH GRANT OPTION')",
          'shop',
        )
      ).stdout.trim(),
    ).toBe('t|t')
  })

  test('MariaDB', async () => {
    await holds(site, 'db', ['state.apply', 'mysql'])
    const login = await host.exec([
      'env',
      `MYSQL_PWD=${secret}`,
      'mysql',
      '-u',
      'app',
      '-BNe',
      'SELECT CURRENT_USER()',
      'my_db%',
    ])
    expect(login.stdout.trim(), login.stderr).toBe('app@localhost')
    expect(
      (
        await host.exec(['runuser', '-u', 'backup', '--', 'mysql', '-BNe', 'SELECT CURRENT_USER()'])
      ).stdout.trim(),
    ).toBe('backup@localhost')
  })

  test('Redis', async () => {
    await holds(site, 'db', ['state.apply', 'redis'])
    expect(await host.sh('redis-cli --no-raw GET feature')).toBe('"it\'s on\\n"\n')
  })

  test('what somebody changed is put right, and nothing else', async () => {
    await host.sh(`runuser -u postgres -- psql -qc "ALTER DATABASE shop OWNER TO postgres" -c "ALTER ROLE app PASSWORD 'other'"
      mysql -e "SET PASSWORD FOR app@localhost = PASSWORD('other'); REVOKE INSERT ON \\\`my\\\\_db\\\\%\\\`.* FROM app@localhost"
      redis-cli set feature off`)
    const changed = async (sls: string) =>
      Object.entries((await holds(site, 'db', ['state.apply', sls])).real)
        .filter(([, { changes }]) => Object.keys(changes).length > 0)
        .map(([tag]) => tag.split('_|-')[1])
    expect((await changed('postgres')).sort()).toEqual(['app', 'shop'])
    expect((await changed('mysql')).sort()).toEqual(['app', 'on my_db%'])
    expect(await changed('redis')).toEqual(['feature'])
  })

  test('no password is told to anybody', async () => {
    const told = await site.must('tsalt-run', ['jobs.list_jobs', '--out', 'json'])
    const journals = await host.sh('cat /var/log/tsalt/minion; journalctl -u tsalt-minion --no-pager')
    const log = await host.sh('cat /var/log/postgresql/*.log')
    expect(told + journals + log).not.toContain('DROP $x')
  })

  test('what a server refuses is one message with a remedy', async () => {
    const entries = await apply(site, 'db', ['state.apply', 'refused'])
    const comments = Object.fromEntries(
      Object.values(entries).map(({ __id__, result, comment }) => [__id__, `${result} ${comment}`]),
    )
    expect(comments).toMatchObject({
      owner: expect.stringMatching(/^false .*role "nobody-at-all" does not exist/s),
      time: expect.stringMatching(
        /^false .*invalid input syntax for type timestamp with time zone: "never"/s,
      ),
      set: expect.stringMatching(/^false .*Unknown character set: 'utf9'/s),
      table: expect.stringMatching(/^false .*Table 'wiki\.none' doesn't exist/s),
      list: expect.stringMatching(/^false The key list is a list, not a text/),
    })
  })

  test('functions by hand', async () => {
    const call = async (...words: string[]) =>
      JSON.parse((await site.tsalt(['db', ...words, '--out', 'json', '--static'])).stdout).db
    expect(await call('postgres.version')).toMatch(/^15\./)
    expect(await call('postgres.psql_query', "select 1 as a, 'x,\"y' as b")).toEqual([{ a: '1', b: 'x,"y' }])
    expect(await call('postgres.db_exists', 'shop')).toBe(true)
    expect(await call('mysql.grant_exists', 'insert', 'my_db%.*', 'app')).toBe(true)
    expect(await call('mysql.query', 'wiki', 'SELECT 1 AS a, NULL AS b')).toMatchObject({
      columns: ['a', 'b'],
      results: [['1', null]],
    })
    expect(await call('mysql.db_list')).toContain('wiki')
  })

  test('a server that is down is told, with what to do', async () => {
    await host.sh('systemctl stop postgresql mariadb redis-server')
    for (const [sls, name] of [
      ['postgres', 'PostgreSQL'],
      ['mysql', 'MySQL'],
      ['redis', 'Redis'],
    ] as const) {
      const failed = Object.values(await apply(site, 'db', ['state.apply', sls])).filter(
        ({ result }) => result === false,
      )
      expect(failed.length).toBeGreaterThan(0)
      expect(failed[0]?.comment).toMatch(
        new RegExp(`^(?:${name}).* does not let in: .*hint: See that it runs`, 's'),
      )
    }
  })
})
