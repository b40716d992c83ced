/** `--salt-compat`: the argument `salt_compat=True` of a call that runs or shows states, as a flag. */
import type { Dict } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'

/** @throws TsaltError `usage-wrong` where the function runs no states, or is told the contrary */
export function askSaltCompat(fun: string, keywords: Dict): void {
  if (!fun.startsWith('state.'))
    throw new TsaltError(
      'usage-wrong',
      { reason: `--salt-compat is about states; ${fun} runs none` },
      { hint: 'For example: state.apply nginx --salt-compat' },
    )
  if (keywords.get('salt_compat') === false)
    throw new TsaltError('usage-wrong', { reason: '--salt-compat and salt_compat=False exclude each other' })
  keywords.set('salt_compat', true)
}
