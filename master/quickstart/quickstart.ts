/**
 * `npm run quickstart`: a master and three minions below a scratch folder, without root rights; joined by token,
 * brought to their state, a pillar edit tried dry and applied. Leaves nothing behind; `--keep` keeps it running.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pc from 'picocolors'
import { Programs } from './programs.ts'
import { makeScratch, quickMinions, type Scratch } from './scratch.ts'

const bundles = fileURLToPath(new URL('.', import.meta.url))

async function main(keep: boolean): Promise<number> {
  const scratch = await makeScratch(join(bundles, '..'))
  const programs = new Programs(bundles)
  const clean = async (): Promise<void> => {
    await programs.stop()
    rmSync(scratch.folder, { recursive: true, force: true })
  }
  process.once('SIGINT', () => void clean().then(() => process.exit(130)))
  try {
    await tour(scratch, programs)
    if (keep) return keepRunning(scratch, programs)
    say(
      'Done. Everything is stopped and removed; "npm run quickstart -- --keep" leaves it running to play with.',
    )
    return 0
  } catch (error) {
    process.stderr.write(
      `${pc.red('The quick start failed:')} ${error instanceof Error ? error.message : String(error)}\n`,
    )
    showLogs(scratch)
    return 1
  } finally {
    if (!keep) await clean()
  }
}

async function tour(scratch: Scratch, programs: Programs): Promise<void> {
  const root = ['--root-dir', scratch.masterRoot]
  say(`A master and ${quickMinions.length} minions start in ${scratch.folder}, as your own user.`)
  programs.start('tsalt-master', root, join(scratch.folder, 'master.log'))
  await until('the master to listen', () => existsSync(join(scratch.masterRoot, 'run/tsalt/master.sock')))
  for (const minion of quickMinions) {
    const made = await programs.run(
      'tsalt-key',
      [...root, '--token', '--id', minion.id, '--out', 'json'],
      false,
    )
    const token = /"(tsalt1:[^"]+)"/.exec(made.output)?.[1]
    if (!token) throw new Error(`tsalt-key --token answered: ${made.output}`)
    const args = ['--root-dir', scratch.minionRoot(minion), '--join', '-']
    programs.start('tsalt-minion', args, join(scratch.folder, `${minion.id}.log`), token)
  }
  await until('the minions to join', async () => {
    const ping = await programs.run('tsalt', [...root, '*', 'test.ping', '--out', 'txt'], false)
    return quickMinions.every(({ id }) => ping.output.includes(`${id}: True`))
  })
  const show = async (title: string, name: string, args: readonly string[]): Promise<void> => {
    say(title)
    process.stdout.write(`${pc.bold(`$ ${name} ${args.map(quote).join(' ')}`)}\n`)
    const { code } = await programs.run(name, [...root, ...args], true)
    if (code !== 0) throw new Error(`it ended with exit code ${code}`)
  }
  await show('They joined with one-time tokens, over mutual TLS:', 'tsalt-key', ['-L'])
  await show('Bring every minion to its state:', 'tsalt', ['state.highstate'])
  await show('Once more: nothing is left to do.', 'tsalt', ['state.highstate'])
  const pillar = join(scratch.pillars, 'infra/staging.yaml')
  writeFileSync(
    pillar,
    readFileSync(pillar, 'utf8').replace('requests_per_minute: 60', 'requests_per_minute: 90'),
  )
  say('Edit a pillar of the level staging: nginx:requests_per_minute from 60 to 90.')
  await show('A dry run says what that changes, and touches nothing:', 'tsalt', [
    'state.highstate',
    'test=True',
  ])
  await show('The real run does just that:', 'tsalt', ['state.highstate'])
}

function keepRunning(scratch: Scratch, programs: Programs): number {
  const tsalt = `${process.execPath} ${programs.path('tsalt')} --root-dir ${scratch.masterRoot}`
  const lines = [
    `alias tsalt='${tsalt}'`,
    "tsalt '*' test.ping",
    "tsalt '*.production' pillar.items",
    `$EDITOR ${join(scratch.pillars, 'infra/production.yaml')}`,
    'tsalt state.highstate test=True',
    `kill ${programs.pids().join(' ')} && rm -r ${scratch.folder}   # ends it all`,
  ]
  say('It goes on running. To try:')
  process.stdout.write(`${lines.map((line) => `  ${line}`).join('\n')}\n`)
  programs.release()
  return 0
}

function showLogs(scratch: Scratch): void {
  for (const name of ['master', ...quickMinions.map(({ id }) => id)]) {
    const file = join(scratch.folder, `${name}.log`)
    if (existsSync(file)) process.stderr.write(`--- ${name}\n${readFileSync(file, 'utf8').slice(-2_000)}\n`)
  }
}

async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 300; waited++) {
    if (await ask()) return
    await pause(100)
  }
  throw new Error(`waited 30 seconds for ${what}`)
}

function say(text: string): void {
  process.stdout.write(`\n${pc.cyan(text)}\n`)
}

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)

void main(process.argv.includes('--keep')).then((code) => {
  process.exitCode = code
})
