/** `ppa:USER/NAME`: a repository at Launchpad, whose key is told by its API. */
import type { Reader } from '../../system/reader.ts'
import { type Failed, failed, type StateRun } from '../contract.ts'
import { fetchSource } from '../file/fetch-source.ts'

export interface PpaWish {
  readonly kind: 'ppa'
  readonly line: string
  readonly file: string
  readonly fingerprint: string
}

export async function ppaWish(
  written: string,
  look: Reader,
  run: StateRun,
  options: { readonly key: boolean } = { key: true },
): Promise<PpaWish | Failed> {
  const release = look.grains.get('oscodename')
  if (look.grains.get('os') !== 'Ubuntu' || typeof release !== 'string')
    return failed(
      `${written}: a ppa is made for Ubuntu, and this is ${String(look.grains.get('os') ?? 'not known')}`,
      'Name the repository of this system by its line.',
    )
  const match = /^(?:ppa:)?([a-z0-9][a-z0-9.+-]*)\/([a-z0-9][a-z0-9.+-]*)$/i.exec(written)
  if (!match) return failed(`${written} is not a ppa`, 'Write it as USER/NAME.')
  const [, user = '', name = ''] = match
  const fingerprint = options.key ? await fingerprintOf(user, name, look, run) : ''
  return {
    kind: 'ppa',
    line: `deb https://ppa.launchpadcontent.net/${user}/${name}/ubuntu ${release} main`,
    file: `/etc/apt/sources.list.d/${user}-ubuntu-${name}-${release}.list`,
    fingerprint,
  }
}

async function fingerprintOf(user: string, name: string, look: Reader, run: StateRun): Promise<string> {
  const url = `https://launchpad.net/api/1.0/~${user}/+archive/${name}`
  const { content } = await fetchSource(url, look, run)
  const found = /"signing_key_fingerprint":\s*"([0-9A-Fa-f]{40})"/.exec(Buffer.from(content).toString('utf8'))
  return found?.[1] ?? ''
}
