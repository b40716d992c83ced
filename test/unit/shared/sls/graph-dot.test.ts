/** The graph for graphviz: an arrow leads from what comes first to what waits; nothing of a name is left unquoted. */
import { expect, it } from 'vitest'
import { graphDot } from '../../../../shared/sls/graph-dot.ts'
import { compileFiles, described } from './memory-tree.ts'

it('has a box for each state in the frame of its SLS, and an arrow for each requisite', async () => {
  const compiled = await compileFiles(
    {
      'a.sls': [
        'include: [b]',
        'conf: {file.managed: [{name: /etc/x}, {watch_in: [{service: svc}]}]}',
        'before: {cmd.run: [{name: "echo \\"hi\\""}, {prereq: [{file: conf}]}]}',
      ].join('\n'),
      'b.sls': 'svc: {service.running: [{names: [x, y]}, {listen: [{cmd: before}]}]}',
    },
    { sls: ['a'] },
  )
  expect(described(compiled)).toEqual([])
  const text = graphDot(compiled.chunks)
  expect(text.split('\n').map((line) => line.trim())).toEqual([
    'digraph states {',
    'rankdir=LR;',
    'node [shape=box, fontname="sans-serif"];',
    'subgraph cluster_0 {',
    'label="base:b";',
    'n0 [label="service.running\\nsvc\\nx"];',
    'n1 [label="service.running\\nsvc\\ny"];',
    '}',
    'subgraph cluster_1 {',
    'label="base:a";',
    'n2 [label="file.managed\\nconf\\n/etc/x"];',
    'n3 [label="cmd.run\\nbefore\\necho \\"hi\\""];',
    '}',
    'n3 -> n0 [label="listen", color="#1f6feb", style=dotted];',
    'n2 -> n0 [label="watch", color="#1f6feb"];',
    'n3 -> n1 [label="listen", color="#1f6feb", style=dotted];',
    'n2 -> n1 [label="watch", color="#1f6feb"];',
    'n3 -> n2 [label="prereq", color="#8250df"];',
    '}',
    '',
  ])
})

it('quotes whatever stands in an ID', async () => {
  const id = 'a"];\\\n\t\u001b[31m"x'
  const compiled = await compileFiles({ 'a.sls': `${JSON.stringify(id)}: test.nop` }, { sls: ['a'] })
  const line = graphDot(compiled.chunks).split('\n')[5]
  expect(line).toBe(`    n0 [label="test.nop\\na\\"];\\\\\\n  [31m\\"x"];`)
})
