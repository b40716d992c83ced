/** Renderings are kept for other minions by what they read: whichever way a template reads, none gets another one's. */
import { expect, test } from 'vitest'
import { type Plain, toPlain } from '../../../../shared/data/value.ts'
import {
  type CompiledPillar,
  compilePillar,
  makePillarCache,
  type PillarCache,
} from '../../../../shared/pillar/compile.ts'
import { dict, memoryTree, plainSettings } from '../sls/memory-tree.ts'

/** How templates come to read a grain, or who the minion is. */
const ways: Readonly<Record<string, string>> = {
  attr: 'v: {{ grains.role }}',
  item: "v: {{ grains['role'] }}",
  get: "v: {{ grains.get('role','-') }}",
  dyn: "{% set k='ro'~'le' %}v: {{ grains[k] }}",
  attrf: "v: {{ grains|attr('role') }}",
  isdef: 'v: {{ grains.role is defined }}',
  in: "v: {{ 'role' in grains }}",
  len: 'v: {{ grains|length }}',
  str: 'v: {{ (grains|string)|tojson }}',
  json: 'v: {{ grains|json }}',
  yaml: 'v: {{ grains|yaml(true) }}',
  loop: '{% for k in grains %}v{{k}}: {{ grains[k] }}\n{% endfor %}',
  items: '{% for k,x in grains.items() %}v{{k}}: {{ x }}\n{% endfor %}',
  values: 'v: {{ grains.values()|list|tojson }}',
  set: '{% set g=grains %}v: {{ g.role }}',
  macro: '{% macro m(g) %}{{ g.role }}{% endmacro %}v: {{ m(grains) }}',
  imp: "{% from 'lib.jinja' import m with context %}v: {{ m() }}",
  imp2: "{% from 'lib.jinja' import m %}v: {{ m() }}",
  imp3: "{% import 'lib.jinja' as l %}v: {{ l.r }}",
  inc: "{% include 'inc.jinja' %}",
  full: 'v: {{ show_full_context().grains.role|tojson }}',
  sg: "v: {{ salt['grains.get']('role') }}",
  sg2: "v: {{ salt.grains.get('role') }}",
  gi: "v: {{ salt['grains.item']('role')|tojson }}",
  gis: "v: {{ salt['grains.items']()|tojson }}",
  gh: "v: {{ salt['grains.has_value']('role') }}",
  gls: "v: {{ salt['grains.ls']()|tojson }}",
  fb: "v: {{ salt['grains.filter_by']({'a':1,'b':2,'default':3}, grain='role') }}",
  cg: "v: {{ salt['config.get']('role') }}",
  mg: "v: {{ salt['match.grain']('role:a') }}",
  mc: "v: {{ salt['match.compound']('G@role:a') }}",
  mglob: "v: {{ salt['match.glob']('m1') }}",
  id: 'v: {{ id }}',
  gid: 'v: {{ grains.id }}',
  oid: 'v: {{ opts.id }}',
  oget: "v: {{ salt['config.get']('id') }}",
  minionid: 'v: {{ minion_id is defined }}',
  sort: 'v: {{ grains|dictsort|tojson }}',
  eq: "v: {{ grains == {'role':'a','id':'m1'} }}",
  fmt: "v: {{ '%(role)s' % grains }}",
  fmt2: "v: {{ '{role}'.format(**grains) }}",
  fmt3: "v: {{ '{0[role]}'.format(grains) }}",
  upd: '{% set d={} %}{% do d.update(grains) %}v: {{ d.role }}',
  dd: 'v: {{ dict(grains).role }}',
  kw: '{% macro m() %}{{ kwargs.role }}{% endmacro %}v: {{ m(**grains) }}',
  trav: "v: {{ grains|traverse('role') }}",
  slsm: "v: {{ salt['slsutil.merge']({}, grains).role }}",
  trav2: "v: {{ salt['grains.get']('deep:x') }}",
  deep: 'v: {{ grains.deep.x }}',
  deepg: "v: {{ salt['grains.get']('deep:x','-') }}",
  mapf: "v: {{ [grains]|map(attribute='role')|list|tojson }}",
  sel: "v: {{ [grains]|selectattr('role','equalto','a')|list|length }}",
  group: "v: {{ [grains]|groupby('role')|list|tojson }}",
  sum: 'v: {{ [grains.role]|first }}',
  pop: "v: {{ grains.pop('role','-') }}",
  sd: "v: {{ grains.setdefault('role','zz') }}",
  ns: '{% set ns=namespace(g=grains) %}v: {{ ns.g.role }}',
  filt: '{% filter upper %}v: {{ grains.role }}{% endfilter %}',
  cond: "{% if grains.role=='a' %}v: 1{% else %}v: 2{% endif %}",
  neg: '{% if grains.nodename is defined %}v: {{ grains.nodename }}{% else %}v: none{% endif %}',
  sub: "v: {{ {'g':grains}['g']['role'] }}",
  tup: 'v: {{ (grains,)[0].role }}',
  call: '{% macro m() %}{{ caller(grains) }}{% endmacro %}{% call(g) m() %}v: {{ g.role }}{% endcall %}',
  withs: '{% with g=grains %}v: {{ g.role }}{% endwith %}',
  keys: 'v: {{ grains.keys()|list|tojson }}',
  u: 'v: {{ grains|unique|list|tojson }}',
  rk: 'v: {{ (grains|random) is string }}',
  batch: 'v: {{ grains|batch(2)|list|tojson }}',
  xm: 'v: {{ grains|xmlattr|tojson }}',
  ul: 'v: {{ grains|urlencode }}',
  comp: 'v: {{ grains|compare_dicts({})|tojson }}',
  setd: "v: {{ grains|update_dict_key_value('x',1)|tojson }}",
  repr: "v: {{ '%r'|format(grains)|tojson }}",
  join: "v: {{ grains|join(',') }}",
  copy: 'v: {{ grains.copy().role }}',
  hb: '#!handlebars|yaml\nv: {{ grains.role }}',
  hb2: '#!handlebars|yaml\n{{#with grains}}v: {{ role }}{{/with}}',
  hb3: '#!handlebars|yaml\n{{#each grains}}v{{@key}}: {{ this }}\n{{/each}}',
  hb4: "#!handlebars|yaml\nv: {{ lookup grains 'role' }}",
  hb5: '#!handlebars|yaml\nv: {{ grains.deep.x }}',
  hb6: "#!handlebars|yaml\nv: '{{ id }}{{ @root.grains.role }}'",
  hb7: "#!handlebars|yaml\nv: '{{> p.hbs }}'",
  hb8: '#!handlebars|yaml\n{{#each list}}{{/each}}v: {{ ../id }}{{ opts.id }}',
  gpil: 'v: {{ pillar|length }}',
  slsrend: "v: {{ salt['slsutil.renderer'](string='x: {{ grains.role }}')|tojson }}",
  iy: "{% import_yaml 'y.yaml' as y %}v: {{ y|tojson }}",
  opts: 'v: {{ opts|tojson }}',
  ogrp: 'v: {{ opts.grains is defined }}',
  mid: "v: {{ salt['config.get']('grains:role') }}",
  opg: "v: {{ salt['config.option']('role') }}",
  opi: "v: {{ salt['config.items']()|tojson }}",
  pg: "v: {{ salt['pillar.get']('x', grains.role) }}",
  mip: "v: {{ salt['match.ipcidr']('10.0.0.1') }}",
  mlist: "v: {{ salt['match.list']('m1,m3') }}",
  mpcre: "v: {{ salt['match.pcre']('m1') }}",
  gp: "v: {{ salt['match.grain_pcre']('role:a') }}",
  pl: "v: {{ salt['match.pillar']('x:a') }}",
  sf: "v: {{ salt['match.search_by']({'x':'G@role:a','y':'m2'})|tojson }}",
  ff: "v: {{ salt['match.filter_by']({'m1':1,'m*':2})|tojson }}",
  sysf: "v: {{ salt['grains.equals']('role','a') }}",
  grf: "v: {{ salt['grains.fetch']('role') }}",
}

const minions: readonly Record<string, Plain>[] = [
  { id: 'm1', role: 'a', deep: { x: 1 } },
  { id: 'm2', role: 'b', deep: { x: 2 } },
  { id: 'm3', deep: {} },
]

function compile(text: string, grains: Record<string, Plain>, cache?: PillarCache): Promise<CompiledPillar> {
  const id = String(grains.id)
  const files = {
    'top.sls': "base: {'*': [a]}",
    'a.sls': text.startsWith('#!') ? text : `#!jinja|yaml\n${text}`,
    'lib.jinja': '{% set r = grains.role %}{% macro m() %}{{ grains.role }}{% endmacro %}',
    'inc.jinja': 'v: {{ grains.role }}',
    'y.yaml': 'x: {{ grains.role }}',
    'p.hbs': '{{ grains.role }}',
  }
  const settings = { ...plainSettings, merging: 'smart' as const, mergeLists: false, includesOverride: false }
  return compilePillar({
    tree: memoryTree({ base: files }),
    id,
    grains: dict(grains),
    opts: dict({ id }),
    settings,
    ...(cache === undefined ? {} : { cache }),
  })
}

const shown = ({ pillar, errors }: CompiledPillar): string =>
  JSON.stringify([toPlain(pillar), errors.map(({ message }) => message)])

test.each(Object.entries(ways))('%s', async (_, text) => {
  for (const order of [minions, minions.toReversed()]) {
    const cache = makePillarCache(100)
    for (const grains of order)
      expect(shown(await compile(text, grains, cache))).toBe(shown(await compile(text, grains)))
  }
})
