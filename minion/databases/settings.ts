/** `mysql.host`, `postgres.pass`, …: what the minion's configuration, else its pillar, says of a server. */
import type { Dict } from '../../shared/data/value.ts'
import { readText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'

/** @returns undefined: nothing is said */
export type Settings = (name: string) => string | undefined

export function settingsOf({ pillar }: Pick<Reader, 'pillar'>, config: Dict | undefined): Settings {
  return (name) => said(config?.get(name)) ?? said(pillar.get(name))
}

function said(value: unknown): string | undefined {
  const text = readText(value)
  return text === '' ? undefined : text
}
