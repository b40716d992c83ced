/**
 * The contract suites on the fake machine, and that of the system on the real one, in a temporary directory. The
 * real apt and systemd are not touched here: the host tests run their suites on real Debian hosts.
 */
import * as fs from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { openMachine } from '../../minion/system/machine.ts'
import { makeChanger } from '../../minion/system/os-changer.ts'
import { makeReader } from '../../minion/system/os-reader.ts'
import { openUndoJournal } from '../../minion/system/undo-journal.ts'
import { systemClock } from '../../shared/clock.ts'
import { parseJobId } from '../../shared/ids.ts'
import { FakeMachine } from '../fake-machine/fake-machine.ts'
import { packageProviderContract } from './package-provider.ts'
import { serviceProviderContract } from './service-provider.ts'
import { socketContract, systemContract } from './system.ts'

const commands = { true: '', false: { code: 1 }, 'echo hello': 'hello\n', sh: '' }

systemContract('the fake machine', () => {
  const fake = new FakeMachine({ files: { '/work': { type: 'directory' } }, commands })
  return { act: fake.changer, directory: '/work', close: () => undefined }
})

socketContract('the fake machine', async () => {
  const http = { 'GET /s.sock /ping': 'pong', 'POST /s.sock /made': { status: 201 } }
  return { act: new FakeMachine({ http }).changer, socket: '/s.sock', close: () => undefined }
})

socketContract('this machine', async () => {
  const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-socket-'))
  const socket = join(root, 's.sock')
  const server = createServer(({ method, url }, answer) => {
    const status = `${method} ${url}` === 'GET /ping' ? 200 : `${method} ${url}` === 'POST /made' ? 201 : 404
    answer.writeHead(status).end(status === 200 ? 'pong' : '')
  })
  await new Promise<void>((done) => server.listen(socket, done))
  const grains = new Map([['kernel', 'Linux']])
  const machine = openMachine({ grains })
  const reader = makeReader({ machine, grains, pillar: new Map(), sources: new FakeMachine().reader.sources })
  const journal = openUndoJournal(join(root, 'undo'), parseJobId('20261122040800000001'))
  const act = makeChanger({
    machine,
    reader,
    journal,
    clock: systemClock,
    signal: new AbortController().signal,
  })
  const close = () => {
    server.close()
    journal.close()
    fs.rmSync(root, { recursive: true, force: true })
  }
  return { act, socket, close }
})

if (process.geteuid?.() === 0) {
  const grains = new Map([['kernel', 'Linux']])
  const machine = openMachine({ grains })
  systemContract('this machine', () => {
    const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-contract-'))
    const directory = join(root, 'work')
    fs.mkdirSync(directory)
    const journal = openUndoJournal(join(root, 'undo'), parseJobId('20261122040800000001'))
    const sources = new FakeMachine().reader.sources
    const reader = makeReader({ machine, grains, pillar: new Map(), sources })
    const signal = new AbortController().signal
    const act = makeChanger({ machine, reader, journal, clock: systemClock, signal })
    return {
      act,
      directory,
      close: () => {
        journal.close()
        fs.rmSync(root, { recursive: true, force: true })
      },
    }
  })
} else {
  describe('files of this machine', () =>
    it.skip('SKIPPED: needs root, to give files to other users', () => undefined))
}

packageProviderContract('the fake machine', () => {
  const fake = new FakeMachine({ packages: { available: { redis: ['5:7.2-1', '5:7.0-1'] } } })
  const [look, act] = [fake.reader.packages, fake.changer.packages]
  return { look, act, name: 'redis', versions: ['5:7.2-1', '5:7.0-1'], unknown: 'rediss' }
})

serviceProviderContract('the fake machine', () => {
  const fake = new FakeMachine({ services: { redis: {}, wrong: { broken: 'port taken' } } })
  return { look: fake.reader.services, act: fake.changer.services, good: 'redis', broken: 'wrong' }
})
