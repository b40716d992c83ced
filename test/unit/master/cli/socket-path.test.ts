import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { socketPath } from '../../../../master/cli/socket-path.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-socket-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The short cut must answer what the loader answers. */
describe('the socket', () => {
  it.each([
    [''],
    ['interface: 127.0.0.1\n'],
    ['socket: /tmp/x.sock\n'],
    ['# socket: /tmp/x.sock\nroot_dir: /srv/try # mine\n'],
    ['root_dir: /srv/try\nsocket: /srv/try/run/s\n'],
    ['root_dir: /srv/try\nsocket: run/s\n'],
    ['socket: "/tmp/quoted.sock"\n'],
    ["{ root_dir: /srv/flow, socket: '/a b' }\n"],
    ['---\nsocket: /tmp/x.sock\n'],
    ['file_roots:\n  base: [/srv/socket]\n'],
    ['socket_group: adm\n'],
    ['socket: &a /tmp/anchor.sock\nlog_file: *a\n'],
  ])('%j', async (text) => {
    writeFileSync(join(folder, 'master'), text)
    const expected = loadOptions(masterOptions, join(folder, 'master')).socket
    expect(await socketPath({ configDir: folder, rootDir: undefined })).toBe(expected)
  })

  it('follows master.d, and flags before all', async () => {
    writeFileSync(join(folder, 'master'), 'socket: /tmp/a\n')
    mkdirSync(join(folder, 'master.d'))
    writeFileSync(join(folder, 'master.d/z.conf'), 'socket: /tmp/z\n')
    writeFileSync(join(folder, 'master.d/b.conf'), 'socket: /tmp/b\n')
    expect(await socketPath({ configDir: folder, rootDir: undefined })).toBe('/tmp/z')
    expect(await socketPath({ configDir: folder, rootDir: '/srv/try' })).toBe('/srv/try/tmp/z')
  })

  it('is below root_dir without any configuration', async () => {
    expect(await socketPath({ configDir: undefined, rootDir: folder })).toBe(
      `${folder}/run/tsalt/master.sock`,
    )
  })

  it('is not guessed where the configuration is wrong about it', async () => {
    writeFileSync(join(folder, 'master'), 'sockets: [1]\n')
    await expect(socketPath({ configDir: folder, rootDir: undefined })).rejects.toMatchObject({
      code: 'config-option-unknown',
    })
  })
})
