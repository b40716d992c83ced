import * as fs from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { AccountFiles } from '../../../../minion/system/account-files.ts'
import { commandRunner, findProgram, shellQuoted, shownCommand } from '../../../../minion/system/command.ts'
import { EndOrder } from '../../../../shared/end-order.ts'
import { runGroup } from '../../../../shared/process-group.ts'

const accounts = new AccountFiles()
const run = commandRunner(accounts)
const isRoot = process.geteuid?.() === 0
const descriptors = () => fs.readdirSync('/proc/self/fd').length
const plain = { cwd: '/', env: { PATH: '/usr/bin:/bin' }, maxOutput: 1_000 }

function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('running commands', () => {
  it('gives code, streams and a clean environment', async () => {
    const result = await run('echo out; echo err >&2; env | sort; exit 3', { env: { EXTRA: 'e' } })
    expect(result).toMatchObject({ code: 3, stderr: 'err\n', timedOut: false, dropped: 0 })
    const names = result.stdout.split('\n').map((line) => line.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['EXTRA', 'HOME', 'LANG', 'PATH', 'USER']))
    expect(names).not.toContain('VITEST')
  })

  it('passes arguments as they are', async () => {
    const result = await run(['printf', '%s|', '$HOME', '; ls', "it's", ''])
    expect(result.stdout).toBe("$HOME|; ls|it's||")
  })

  it('answers 127 and 126 as a shell does', async () => {
    expect(await run(['no-such-program'])).toMatchObject({
      code: 127,
      stderr: 'no-such-program: command not found\n',
    })
    expect(await run(['/etc/passwd'])).toMatchObject({ code: 126 })
    expect((await run('no-such-program')).code).toBe(127)
  })

  it('refuses a directory that is not there, before anything runs', async () => {
    await expect(run('true', { cwd: '/no/such' })).rejects.toMatchObject({
      code: 'command-directory-missing',
    })
    await expect(run('true', { cwd: 'relative' })).rejects.toMatchObject({
      code: 'command-directory-missing',
    })
  })

  it('names the signal as 128 and its number', async () => {
    expect((await run('kill -9 $$')).code).toBe(137)
  })

  it('feeds standard input, also to one that does not read it', async () => {
    expect((await run(['cat'], { stdin: 'hello' })).stdout).toBe('hello')
    expect((await run(['true'], { stdin: 'x'.repeat(1_000_000) })).code).toBe(0)
    expect((await run(['cat'])).stdout).toBe('')
  })

  it('keeps the first bytes and counts the rest', async () => {
    const result = await run('head -c 100000 /dev/zero; head -c 7 /dev/zero >&2', { maxOutput: 10 })
    expect(result.stdout).toHaveLength(10)
    expect(result.dropped).toBe(99_990)
  })

  it('sets the umask of the child and leaves its own', async () => {
    const before = process.umask()
    expect((await run('umask', { umask: 0o027 })).stdout).toBe('0027\n')
    expect(process.umask()).toBe(before)
  })

  it('is not held up by a child that keeps the pipes open', async () => {
    const start = performance.now()
    const result = await run('sleep 30 & echo $!; echo done')
    expect(result.stdout).toMatch(/done/)
    expect(performance.now() - start).toBeLessThan(3_000)
    const pid = Number(result.stdout.split('\n')[0])
    expect(lives(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })
})

const folder = mkdtempSync(join(tmpdir(), 'tsalt-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function pidsOf(file: string): number[] {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []
}

describe('the end of a process group', () => {
  it('ends all of it at the timeout', async () => {
    const result = await run('sleep 60 & echo $!; sleep 60', { timeout: 200 })
    expect(result).toMatchObject({ code: 143, timedOut: true })
    expect(lives(Number(result.stdout))).toBe(false)
  })

  it('kills what does not listen', async () => {
    const argv = ['/bin/sh', '-c', 'trap "" TERM; echo $$; while :; do sleep 0.05; done']
    const result = await runGroup(argv, { ...plain, timeout: 200, killAfter: 200 })
    expect(result).toMatchObject({ code: 137, timedOut: true })
  })

  it('ends a grandchild that ignores the signal after its parent has gone', async () => {
    const argv = ['/bin/sh', '-c', '(trap "" TERM; echo ready; exec sleep 60) & echo $!; wait']
    const result = await runGroup(argv, { ...plain, timeout: 300, killAfter: 300 })
    const pid = Number(/\d+/.exec(result.stdout)?.[0])
    expect(lives(pid)).toBe(false)
  })

  it('ends with the job, and starts nothing after it', async () => {
    const job = new AbortController()
    const bound = commandRunner(accounts, job.signal)
    const running = bound('sleep 60')
    setTimeout(() => job.abort('TERM'), 100)
    await expect(running).rejects.toMatchObject({ code: 'job-killed' })
    await expect(bound('true')).rejects.toMatchObject({ code: 'job-killed' })
  })

  it('tells what it ended, also what has left the group, and gets harder when it is told again', async () => {
    const job = new AbortController()
    const order = new EndOrder('TERM')
    const bound = commandRunner(accounts, job.signal)
    const file = join(folder, 'pids')
    const running = bound(
      `setsid sleep 60 & echo $! >> ${file}; sh -c 'trap "" TERM; echo $$ >> ${file}; while :; do sleep 0.1; done' & wait`,
    )
    await vi.waitFor(() => expect(pidsOf(file)).toHaveLength(2), 5_000)
    job.abort(order)
    setTimeout(() => order.harder(), 200)
    await expect(running).rejects.toMatchObject({ code: 'job-killed' })
    const [apart = 0, deaf = 0] = pidsOf(file)
    expect([lives(apart), lives(deaf)]).toEqual([false, false])
    expect(order.ended).toContainEqual({ pid: apart, name: 'sleep', signal: 'TERM' })
    expect(order.ended).toContainEqual({ pid: deaf, name: 'sh', signal: 'KILL' })
  })

  it('leaves alone what a command that ended by itself has left behind', async () => {
    const job = new AbortController()
    const bound = commandRunner(accounts, job.signal)
    const daemon = Number((await bound('setsid sleep 60 >/dev/null 2>&1 & echo $!')).stdout)
    job.abort('TERM')
    expect(lives(daemon)).toBe(true)
    process.kill(daemon, 'SIGKILL')
  })

  it('leaks no descriptors', async () => {
    await run('true')
    const before = descriptors()
    for (let i = 0; i < 20; i++) await run('echo x; sleep 0.01 &')
    await run(['no-such-program'])
    await run('sleep 5', { timeout: 20 })
    expect(descriptors()).toBeLessThanOrEqual(before)
  })
})

describe('other users', () => {
  it('refuses users and groups that do not exist', async () => {
    await expect(run('true', { runas: 'no-such-user' })).rejects.toMatchObject({
      code: 'command-user-unknown',
    })
    await expect(run('true', { group: 'no-such-group' })).rejects.toMatchObject({
      code: 'command-user-unknown',
    })
  })

  it.runIf(isRoot)('runs as a user, with its home and without root groups', async () => {
    const result = await run('id -un; id -G; echo $HOME; echo $USER', { runas: 'nobody' })
    const [user, groups, , name] = result.stdout.split('\n')
    expect([user, name]).toEqual(['nobody', 'nobody'])
    expect(groups?.split(' ')).not.toContain('0')
  })

  it.runIf(isRoot)('gives the supplementary groups of the group file', async () => {
    const root = fs.mkdtempSync('/tmp/tsalt-etc-')
    fs.mkdirSync(`${root}/etc`)
    fs.writeFileSync(`${root}/etc/passwd`, 'alice:x:54321:54321:Alice,,:/tmp:/bin/sh\n')
    fs.writeFileSync(`${root}/etc/group`, 'alice:x:54321:\ndocs:x:54400:bob,alice\nother:x:54401:bob\n')
    const result = await commandRunner(new AccountFiles(root))('id -u; id -G; pwd', {
      runas: 'alice',
      cwd: '/tmp',
    })
    expect(result.stdout).toBe('54321\n54321 54400\n/tmp\n')
    fs.rmSync(root, { recursive: true })
  })
})

describe('words', () => {
  it('finds programs, quotes words, shortens commands', () => {
    expect(findProgram('sh')).toMatch(/\/sh$/)
    expect(findProgram('no-such-program')).toBeUndefined()
    expect(shellQuoted("a'b c")).toBe(`'a'\\''b c'`)
    expect(shownCommand(['a', 'b  c'])).toBe('a b c')
    expect(shownCommand('x'.repeat(300))).toHaveLength(200)
  })
})

afterAll(() => undefined)
