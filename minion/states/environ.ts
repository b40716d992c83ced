/** environ.setenv: variables of the environment of what the minion runs. */
import * as v from 'valibot'
import { isDict } from '../../shared/data/value.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { flag, readText, text } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { changeVariable, setVariable } from '../system/set-variables.ts'
import { drift, inSync, stateFunction, stateModule } from './contract.ts'

/** A text for one; null: False, which is empty or unset. */
type Wanted = Readonly<Record<string, string | null>> | string | null

const values = shaped<Wanted>({
  words: 'text, False, or mapping of variables',
  json: { type: ['string', 'number', 'boolean', 'object'] },
  read(value) {
    if (value === false) return null
    if (!isDict(value))
      return readText(value) ?? new Mismatch(`a text is expected, not ${describeValue(value)}`)
    const all: Record<string, string | null> = {}
    for (const [name, item] of value) {
      const read = item === false || item === null ? null : readText(item)
      if (read === undefined)
        return new Mismatch(`${String(name)}: a text is expected, not ${describeValue(item)}`)
      all[String(name)] = read
    }
    return all
  },
})

const args = v.strictObject({
  name: needed(text, 'The variable; with a mapping as `value` only a name for the state.'),
  value: needed(values, 'Its value; or a mapping of several variables.'),
  false_unsets: defaulted(flag, false, 'True: False unsets a variable; otherwise it becomes empty.'),
  clear_all: defaulted(flag, false, 'Refused where it is True: programs would lack PATH and HOME.'),
  update_minion: defaulted(
    flag,
    false,
    'Accepted for trees of Salt; it counts until the minion ends either way.',
  ),
  permanent: defaulted(flag, false, 'Refused where it is True: only Windows has it.'),
})
type Arguments = v.InferOutput<typeof args>

const wantedOf = ({ name, value }: Arguments): Readonly<Record<string, string | null>> =>
  typeof value === 'object' && value !== null ? value : { [name]: value }

const setenv = stateFunction({
  summary: 'Makes sure that what the minion runs has variables of the environment, until the minion ends.',
  args,
  examples: [
    'proxy:\n  environ.setenv:\n    - value:\n        http_proxy: http://proxy.example.org:3128\n        no_proxy: localhost\n',
  ],
  refuse: (given) => {
    if (given.clear_all)
      return { argument: 'clear_all', reason: 'programs would lack PATH and HOME; unset variables by name' }
    if (given.permanent)
      return { argument: 'permanent', reason: 'only Windows has it; file.managed can write /etc/environment' }
    const wrong = Object.keys(wantedOf(given)).find((name) => !/^[A-Za-z_]\w*$/.test(name))
    return wrong === undefined
      ? undefined
      : { argument: wrong === given.name ? 'name' : 'value', reason: `"${wrong}" is no variable` }
  },
  async check(given) {
    const wanted = Object.entries(wantedOf(given)).map(
      ([name, value]) => [name, value ?? (given.false_unsets ? undefined : '')] as const,
    )
    const changed = wanted.filter(([name, value]) => setVariable(name) !== value)
    if (changed.length === 0) return inSync('Environ values are already set with the correct values')
    return drift(
      Object.fromEntries(changed.map(([name, value]) => [name, value ?? null])),
      { would: 'Environ values will be changed', done: 'Environ values were set' },
      async () => {
        for (const [name, value] of changed) changeVariable(name, value)
      },
    )
  },
})

export const environ = stateModule({
  summary: 'Variables of the environment of what the minion runs.',
  functions: { setenv },
})
