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
  ['contetns', ['contents', 'context'], 'contents'],
] as const)('%s of %s: %s', (name, candidates, meant) => expect(nearest(name, candidates)).toBe(meant))
