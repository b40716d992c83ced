import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemGroups } from '../../../../master/auth/system-groups.ts'

it('knows the primary and the further groups of a user, and none of a user that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-groups-'))
  writeFileSync(join(folder, 'passwd'), 'root:x:0:0::/root:/bin/sh\nzoe:x:1001:100::/home/zoe:/bin/sh\n')
  writeFileSync(join(folder, 'group'), 'root:x:0:\nusers:x:100:\nwheel:x:10:root,zoe\nops:x:11:zoey\n')
  expect(systemGroups('zoe', folder)).toEqual(['users', 'wheel'])
  expect(systemGroups('root', folder)).toEqual(['root', 'wheel'])
  expect(systemGroups('nobody', folder)).toEqual([])
  expect(systemGroups('', folder)).toEqual([])
  rmSync(folder, { recursive: true })
  expect(systemGroups('zoe', folder)).toEqual([])
})
