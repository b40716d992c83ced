/** Templates of the kinds that Salt trees are made of, with their data: plain JSON, for Python too. */

export interface Shape {
  readonly name: string
  readonly template: string
  readonly files?: Readonly<Record<string, string>>
  readonly data: unknown
}

const users = Array.from({ length: 200 }, (_, index) => ({
  name: `user${index}`,
  uid: 1000 + index,
  shell: index % 3 === 0 ? '/bin/bash' : '/usr/sbin/nologin',
  groups: ['staff', index % 2 === 0 ? 'wheel' : 'users'],
  gone: index % 10 === 9,
}))

const sites = Array.from({ length: 20 }, (_, index) => ({
  name: `site${index}.example.org`,
  port: index % 2 === 0 ? 443 : 80,
  root: `/srv/www/site${index}`,
  ssl: index % 2 === 0,
  locations: [
    { path: '/', options: { try_files: '$uri $uri/ =404', expires: '1h' } },
    {
      path: '/api',
      options: { proxy_pass: `http://127.0.0.1:${8000 + index}`, proxy_set_header: 'Host $host' },
    },
    { path: '/static', options: { autoindex: 'off', expires: 'max', access_log: 'off' } },
  ],
}))

const loops = `{% for user in users if not user.gone %}
{{ user.name }}:
  user.present:
    - uid: {{ user.uid }}
    - shell: {{ user.shell }}
    - fullname: {{ user.name|upper }} {{ user.home|default('/home/' ~ user.name) }}
    - groups: {{ user.groups|join(', ') }}
    {%- if user.uid > 1100 and 'wheel' in user.groups %}
    - optional_groups: [{{ user.groups|first }}]
    {%- endif %}
{% endfor %}
`

const nginx = `user {{ nginx.user }};
worker_processes {{ nginx.workers|default('auto') }};
{% for site in sites %}
server {
  listen {{ site.port }}{% if site.ssl %} ssl http2{% endif %};
  server_name {{ site.name }};
  root {{ site.root }};
  {%- if site.ssl %}
  ssl_certificate /etc/ssl/{{ site.name }}.pem;
  ssl_certificate_key /etc/ssl/{{ site.name }}.key;
  {%- endif %}
  {%- for location in site.locations %}
  location {{ location.path }} {
    {%- for key, value in location.options.items() %}
    {{ key }} {{ value }};
    {%- endfor %}
  }
  {%- endfor %}
}
{%- if not loop.last %}
# {{ loop.index }} of {{ loop.length }}
{%- endif %}
{% endfor %}
`

const macros = `{% macro option(name, value, indent=4) -%}
{{ ' ' * indent }}- {{ name }}: {{ value }}
{%- endmacro %}
{% macro account(name, uid, shell='/bin/sh') -%}
{{ name }}:
  user.present:
{{ option('uid', uid) }}
{{ option('shell', shell) }}
{{ option('home', '/home/' ~ name, indent=4) }}
{%- endmacro %}
{% for user in users %}
{{ account(user.name, user.uid, shell=user.shell) }}
{% endfor %}
`

const line = 'A line of plain text as configuration files are full of, with nothing to be filled in at all.\n'
const table = `{% for row in rows %}
${line.repeat(4)}{{ row.a }} {{ row.b }}
${line.repeat(4)}{% endfor %}
`

const merging = `{% set defaults = {'user': 'redis', 'port': 6379, 'bind': ['127.0.0.1'], 'limits': {'nofile': 1024}} %}
{% set families = {'Debian': {'package': 'redis-server', 'conf': '/etc/redis/redis.conf'}, 'RedHat': {'package': 'redis', 'conf': '/etc/redis.conf'}} %}
{% set redis = {} %}
{% do redis.update(defaults) %}
{% do redis.update(families.get(grains.os_family, {})) %}
{% do redis.update(pillar.get('redis', {})) %}
{% for name, instance in pillar.get('instances', {}).items() %}
{% set merged = {} %}
{% do merged.update(redis) %}
{% do merged.update(instance) %}
redis-{{ name }}:
  file.managed:
    - name: {{ merged.conf }}.{{ name }}
    - user: {{ merged['user'] }}
    - port: {{ merged.get('port', 6379) }}
    - bind: {{ merged.bind|join(' ') }}
    - nofile: {{ merged.limits.nofile }}
{% endfor %}
`

const texts = `{% for user in users %}
{{ user.name.upper() }} {{ user.shell.split('/')[-1] }} {{ user.name.replace('user', 'u') }}
{{ '%05d' % user.uid }} {{ '{0}-{1}'.format(user.name, user.uid) }} {{ user.name[:4] }}{{ user.name[4:] }}
{%- if user.shell.startswith('/bin') %} {{ user.name.title().strip() }}{% endif %}
{% endfor %}
`

const lookups = `{% import_yaml 'defaults.yaml' as defaults %}
{% import_yaml 'osmap.yaml' as osmap %}
{% set app = defaults.app %}
{% do app.update(osmap[grains['os_family']]) %}
{% for key, value in app.items() %}
{{ key }}: {{ value }}
{% endfor %}
{{ pillar['app']['name'] }} {{ pillar.app.version }} {{ app.dirs.conf }} {{ app.dirs['log'] }}
`

const many = (text: (index: number) => string, count: number): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('')

export const shapes: readonly Shape[] = [
  { name: 'loop over 200 dicts, filters', template: loops, data: { users } },
  { name: 'nginx-like, 20 sites', template: nginx, data: { sites, nginx: { user: 'www-data' } } },
  { name: 'macros, 200 calls of four each', template: macros, data: { users } },
  {
    name: 'plain text, 500 rows',
    template: table,
    data: { rows: Array.from({ length: 500 }, (_, index) => ({ a: index, b: `b${index}` })) },
  },
  {
    name: 'merging dicts as map.jinja',
    template: merging,
    data: {
      grains: { os_family: 'Debian' },
      pillar: {
        redis: { port: 6380 },
        instances: Object.fromEntries(
          Array.from({ length: 50 }, (_, index) => [`i${index}`, { port: 7000 + index }]),
        ),
      },
    },
  },
  { name: 'methods of str', template: texts, data: { users } },
  {
    name: 'import_yaml and look-ups',
    template: lookups,
    files: {
      'defaults.yaml': `app:\n  user: app\n  dirs:\n    conf: /etc/app\n    log: /var/log/app\n${many((index) => `  option${index}: value ${index}\n`, 40)}`,
      'osmap.yaml': `Debian:\n${many((index) => `  debian${index}: value ${index}\n`, 20)}RedHat:\n  user: apps\n`,
    },
    data: { grains: { os_family: 'Debian' }, pillar: { app: { name: 'a', version: '1.2' } } },
  },
  {
    name: 'small: ten values',
    template: many((index) => `option${index} = {{ pillar.app.v${index} }}\n`, 10),
    data: {
      pillar: { app: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`v${index}`, index])) },
    },
  },
]

/** 200 lines of every kind, for the time from text to result. */
export const long: Shape = {
  name: 'cold: 200 lines compiled and rendered once',
  template: many(
    (index) => `{% set v${index} = pillar.get('key${index}', {'a': [1, 2], 'b': 'text'}) %}
{% if v${index} is mapping and v${index}.a|length > 1 %}
state-${index}:
  file.managed:
    - name: /etc/{{ v${index}.b|lower }}-{{ ${index} + 1 }}
    - mode: '{{ '%04d' % 644 }}'
    - contents: {{ v${index}['a']|join(',') }}
    {% for item in v${index}.a %}
    - {{ item }}{{ loop.index }}
    {% endfor %}{% endif %}
`,
    20,
  ),
  data: { pillar: {} },
}
