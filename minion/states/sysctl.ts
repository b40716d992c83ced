/** sysctl.*: parameters of the kernel, now and after the next start. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { flag, readLooseText, readText } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
  unknown,
} from './contract.ts'
import { saidBy } from './said-by.ts'
import { linesOf, readTextFile, type TextFile, textOf, writeTextFile } from './text-file.ts'

const parameter = shaped<string>({
  words: 'parameter of the kernel',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9_*@:-]+(?:[./][A-Za-z0-9_*@:-]+)+$/.test(read)
      ? read
      : new Mismatch(`a parameter such as net.ipv4.ip_forward is expected, not ${describeValue(value)}`)
  },
})
const setting = shaped<string>({
  words: 'value',
  json: { type: ['string', 'number', 'boolean'] },
  read(value) {
    const read = typeof value === 'boolean' ? String(Number(value)) : readLooseText(value)
    return read !== undefined && read.trim() !== '' && !/[\r\n]/.test(read)
      ? squeezed(read)
      : new Mismatch(`a value is expected, not ${describeValue(value)}`)
  },
})

/** The kernel writes tabs between numbers where people write blanks. */
const squeezed = (text: string): string => text.trim().replace(/\s+/g, ' ')

const args = v.strictObject({
  name: needed(parameter, 'The parameter: `net.ipv4.ip_forward`.'),
  value: needed(setting, 'Its value.'),
  config: optional(
    absolutePath,
    'File that keeps it over a start; default `/etc/sysctl.d/99-salt.conf`, or `/etc/sysctl.conf` where there is no such folder.',
  ),
  ignore: defaulted(
    flag,
    false,
    'True: a kernel without the parameter is no failure; it is written to the file.',
  ),
})
type Arguments = v.InferOutput<typeof args>

/** `net.ipv4.conf.eth0/1.x` names the device `eth0.1`, as sysctl reads it. */
function procPath(name: string): string {
  const swapped = name.includes('.') && (!name.includes('/') || name.indexOf('.') < name.indexOf('/'))
  const path = swapped ? name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.')) : name
  return `/proc/sys/${path}`
}

async function configOf({ config }: Arguments, look: Reader): Promise<string> {
  if (config !== undefined) return config
  return (await look.files.infoFollowed('/etc/sysctl.d')) ? '/etc/sysctl.d/99-salt.conf' : '/etc/sysctl.conf'
}

const settingLine = /^\s*-?\s*([^#;=\s][^=\s]*)\s*=\s*(.*?)\s*$/

/** The value that the file sets last; undefined: it sets none. */
function valueIn(text: string, name: string): string | undefined {
  return linesOf(text)
    .map((line) => settingLine.exec(line))
    .filter((match) => match?.[1] === name)
    .map((match) => squeezed(match?.[2] ?? ''))
    .at(-1)
}

function withValue(text: string, name: string, value: string): string {
  const lines = linesOf(text)
  const at = lines.findLastIndex((line) => settingLine.exec(line)?.[1] === name)
  const line = `${name} = ${value}`
  return textOf(at < 0 ? [...lines, line] : lines.with(at, line))
}

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, value } = wanted
  const path = procPath(name)
  const known = (await look.files.infoFollowed(path))?.type === 'file'
  if (!known && !wanted.ignore) {
    const bringer =
      run.test && run.predicted.find(({ state }) => state === 'kmod' || state === 'cmd' || state === 'pkg')
    if (bringer)
      return unknown(
        `the kernel does not know ${name} yet; ${bringer.state}.${bringer.fun} ${bringer.id} may change that`,
      )
    return failed(
      `This kernel has no parameter ${name}`,
      'Load the module that brings it first (kmod.present), or give "ignore: True".',
    )
  }
  const file = await readTextFile(await configOf(wanted, look), look)
  if (file.kind !== 'text') return file
  const running = known ? squeezed(Buffer.from(await look.files.read(path)).toString('utf8')) : undefined
  const kept = valueIn(file.text, name)
  const isSet = running === undefined || running === value
  if (isSet && kept === value) return inSync(`Sysctl value ${name} = ${value} is already set`)
  const changes: Plain = { [name]: value }
  const comments = {
    would: `Sysctl option ${name} set to be changed to ${value}`,
    done: `Updated sysctl value ${name} = ${value}`,
  }
  return drift(changes, comments, (act) => apply(wanted, { file, kept, isSet, running }, act))
}

interface Now {
  readonly file: TextFile
  readonly kept: string | undefined
  readonly isSet: boolean
  /** What the kernel has; undefined: it does not know the parameter. */
  readonly running: string | undefined
}

/** First the kernel, which may refuse the value: what it refuses is not kept for the next start. */
async function apply(
  { name, value }: Arguments,
  { file, kept, isSet, running }: Now,
  act: Changer,
): Promise<Applied | undefined> {
  if (!isSet) {
    const { code, stderr, stdout } = await act.commands.run(['sysctl', '-w', `${name}=${value}`], {
      undo: [{ argv: ['sysctl', '-w', `${name}=${running ?? ''}`] }],
    })
    if (code !== 0)
      return { ok: false, comment: `Failed to set ${name} to ${value}: ${saidBy({ code, stderr, stdout })}` }
  }
  if (kept !== value) await writeTextFile(file, withValue(file.text, name, value), act, { mode: 0o644 })
  return undefined
}

const present = stateFunction({
  summary: 'Makes sure that a parameter of the kernel has a value, now and after the next start.',
  args,
  examples: [
    'net.ipv4.ip_forward:\n  sysctl.present:\n    - value: 1\n',
    'vm.swappiness:\n  sysctl.present:\n    - value: 10\n    - config: /etc/sysctl.d/60-memory.conf\n',
  ],
  check,
})

export const sysctl = stateModule({ summary: 'Parameters of the kernel.', functions: { present } })
