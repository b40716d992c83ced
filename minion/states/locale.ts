/** locale.*: locales that the machine has, and the one that it speaks. */
import * as v from 'valibot'
import { needed } from '../../shared/schema/argument.ts'
import { readText } from '../../shared/schema/scalars.ts'
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
import { linesOf, readTextFile, textOf, writeTextFile } from './text-file.ts'

interface Parts {
  readonly language: string
  readonly codeset: string
  readonly modifier: string
}

/** `de_DE.UTF-8@euro`; what stands after a blank (Debian's file of locales) is the codeset again. */
function partsOf(name: string): Parts | undefined {
  const match =
    /^([A-Za-z]{1,3}[A-Za-z0-9_]*)(?:\.([A-Za-z0-9-]+))?(?:@([A-Za-z0-9_-]+))?(?:\s+([A-Za-z0-9-]+))?$/.exec(
      name,
    )
  if (!match) return undefined
  const [, language = '', codeset = '', modifier = '', charmap = ''] = match
  return { language, codeset: codeset || charmap, modifier }
}

const localeName = shaped<string>({
  words: 'locale',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)?.trim()
    return read !== undefined && partsOf(read)
      ? read
      : new Mismatch(`a locale such as en_US.UTF-8 is expected, not ${describeValue(value)}`)
  },
})

/** glibc writes `en_US.utf8` where people write `en_US.UTF-8`. */
export function plainLocale(name: string): string {
  const { language, codeset, modifier } = partsOf(name.trim()) ?? {
    language: name,
    codeset: '',
    modifier: '',
  }
  const squeezed = codeset.toLowerCase().replaceAll('-', '')
  return `${language}${squeezed === '' ? '' : `.${squeezed}`}${modifier === '' ? '' : `@${modifier}`}`
}

/** Locales that need no data of their own. */
const builtIn = new Set(['C', 'POSIX', 'C.utf8'])

/** undefined: the machine has no program that tells. */
export async function availableLocales(look: Reader): Promise<ReadonlySet<string> | undefined> {
  const { code, stdout } = await look.commands.query(['locale', '-a'])
  return code === 0
    ? new Set(
        stdout
          .split('\n')
          .filter((line) => line !== '')
          .map(plainLocale),
      )
    : undefined
}

const list = '/etc/locale.gen'
const supported = '/usr/share/i18n/SUPPORTED'

const present = stateFunction({
  summary: 'Makes sure that the machine has a locale.',
  args: v.strictObject({ name: needed(localeName, 'The locale: `en_US.UTF-8`.') }),
  examples: ['en_US.UTF-8:\n  locale.present: []\n'],
  async check({ name }, look, run) {
    const there = await availableLocales(look)
    const wanted = plainLocale(name)
    if (builtIn.has(wanted) || there?.has(wanted)) return inSync(`Locale ${name} is already present`)
    const [generator, definer] = [
      await look.commands.which('locale-gen'),
      await look.commands.which('localedef'),
    ]
    if (generator === undefined && definer === undefined) return lacksPrograms(name, run)
    const file = await readTextFile(list, look)
    if (file.kind !== 'text') return file
    // Where the package of locales is not there, a list alone would generate nothing.
    const usesList = generator !== undefined && file.info !== undefined
    const line = usesList ? await listLine(name, look) : undefined
    if (usesList && line === undefined)
      return failed(
        `Locale ${name} is not one that this system knows`,
        `${supported} lists those that there are.`,
      )
    return drift(
      { locale: name },
      { would: `Locale ${name} is set to be generated`, done: `Generated locale ${name}` },
      async (act) => {
        if (line === undefined) return generate(['localedef', ...definition(name)], name, act)
        const lines = linesOf(file.text)
        if (!lines.some((one) => squeezed(one) === line)) {
          const at = lines.findIndex((one) => squeezed(one.replace(/^\s*#\s*/, '')) === line)
          await writeTextFile(file, textOf(at < 0 ? [...lines, line] : lines.with(at, line)), act)
        }
        return generate(['locale-gen'], name, act)
      },
    )
  },
})

const squeezed = (line: string): string => line.trim().replace(/\s+/g, ' ')

function lacksPrograms(name: string, run: StateRun): Decision {
  const bringer = run.test && run.predicted.find(({ state }) => state === 'pkg' || state === 'cmd')
  if (bringer)
    return unknown(
      `no locales can be generated yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring what does`,
    )
  return failed(
    `Locale ${name} cannot be generated: there is neither locale-gen nor localedef`,
    'Install the package locales in an earlier state.',
  )
}

/** The line of Debian's list: `en_US.UTF-8 UTF-8`, `de_DE ISO-8859-1`. undefined: no such locale. */
async function listLine(name: string, look: Reader): Promise<string | undefined> {
  const wanted = plainLocale(name)
  const known = (await look.files.infoFollowed(supported))
    ? linesOf(Buffer.from(await look.files.read(supported)).toString('utf8')).map(squeezed)
    : undefined
  const { codeset } = partsOf(name) ?? { codeset: '' }
  const written = `${name.split(/\s/)[0]} ${/\s(\S+)$/.exec(name)?.[1] ?? (codeset || 'ISO-8859-1')}`
  if (known === undefined) return written
  return (
    known.find((line) => line === written) ??
    known.find((line) => plainLocale(line.split(' ')[0] ?? '') === wanted)
  )
}

/** What localedef makes a locale of. */
function definition(name: string): string[] {
  const { language, codeset, modifier } = partsOf(name) ?? { language: name, codeset: '', modifier: '' }
  const source = `${language}${modifier === '' ? '' : `@${modifier}`}`
  return ['--force', '-i', source, ...(codeset === '' ? [] : ['-f', codeset]), name.split(/\s/)[0] ?? name]
}

/** Taken out of the archive again by name, so that it does not matter when the list comes back. */
async function generate(argv: readonly string[], name: string, act: Changer): Promise<Applied | undefined> {
  const { code, stderr, stdout } = await act.commands.run(argv, {
    timeout: 600_000,
    undo: [{ argv: ['localedef', '--delete-from-archive', plainLocale(name)] }],
  })
  const there = await availableLocales(act.look)
  return code === 0 && there?.has(plainLocale(name)) !== false
    ? undefined
    : { ok: false, comment: `Failed to generate locale ${name}: ${saidBy({ code, stderr, stdout })}` }
}

export const localeFiles: Readonly<Record<string, string>> = { Debian: '/etc/default/locale' }

const system = stateFunction({
  summary: 'Makes sure that the machine speaks a language: LANG of what is started from now on.',
  args: v.strictObject({ name: needed(localeName, 'The locale: `en_US.UTF-8`.') }),
  examples: ['en_US.UTF-8:\n  locale.system: []\n'],
  async check({ name }, look, run) {
    const file = await readTextFile(
      localeFiles[String(look.grains.get('os_family'))] ?? '/etc/locale.conf',
      look,
    )
    if (file.kind !== 'text') return file
    const lines = linesOf(file.text)
    const setting = /^\s*LANG=(?:"([^"]*)"|'([^']*)'|(\S*))\s*$/
    const now = lines.map((line) => setting.exec(line)).findLast((match) => match !== null)
    if ((now?.[1] ?? now?.[2] ?? now?.[3]) === name) return inSync(`System locale ${name} already set`)
    const there = await availableLocales(look)
    const isThere = there === undefined || builtIn.has(plainLocale(name)) || there.has(plainLocale(name))
    if (
      !isThere &&
      !(run.test && run.predicted.some(({ state }) => ['locale', 'pkg', 'cmd', 'file'].includes(state)))
    )
      return failed(
        `Locale ${name} is not on this machine, so nothing could speak it`,
        'Make it in an earlier state (locale.present), and require that.',
      )
    return drift(
      { locale: name },
      { would: `System locale ${name} needs to be set`, done: `Set system locale ${name}` },
      (act) => {
        const at = lines.findLastIndex((line) => setting.test(line))
        const line = `LANG=${name}`
        return writeTextFile(file, textOf(at < 0 ? [...lines, line] : lines.with(at, line)), act, {
          mode: 0o644,
        })
      },
    )
  },
})

export const locale = stateModule({
  summary: 'Locales of the machine, and the one that it speaks.',
  functions: { present, system },
})
