/** "Did you mean". */
import { expect, test } from 'vitest'
import { nearest } from '../../../../shared/data/nearest.ts'

test.each([
  ['b', ['a'], undefined],
  ['b', ['a', 'ab'], 'ab'],
  ['ab', ['cd'], undefined],
  ['ab', ['ba'], 'ba'],
  ['A', ['a'], 'a'],
  ['', ['a'], undefined],
  ['ngnix', ['apache', 'nginx'], 'nginx'],
  ['schedule.nosuch', ['schedule.list', 'schedule.run_job'], undefined],
  ['schedule.lits', ['schedule.list', 'schedule.run_job'], 'schedule.list'],
  ['tset.pign', ['test.echo', 'test.ping'], 'test.ping'],
  ['testping', ['test.ping'], 'test.ping'],
  ['grain.itmes', ['grains.item', 'grains.items'], 'grains.items'],
  ['contetns', ['contents', 'context'], 'contents'],
] as const)('%s of %s: %s', (name, candidates, meant) => expect(nearest(name, candidates)).toBe(meant))
