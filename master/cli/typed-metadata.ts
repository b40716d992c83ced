/** `--metadata '{change: 42}'`: read as arguments are. */
import * as v from 'valibot'
import { typeWord } from '../../shared/cli-arguments/parse.ts'
import { encodeValue } from '../../shared/data/codec.ts'
import { isDict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { JobMetadata } from '../api/schemas.ts'

/** @throws TsaltError `usage-wrong` for what is no mapping, or too long */
export function typedMetadata(word: string): JobMetadata {
  const value = typeWord(word)
  const hint = `For example: --metadata '{"change": 42}'`
  if (!isDict(value))
    throw new TsaltError(
      'usage-wrong',
      { reason: `--metadata is a mapping, not "${word.slice(0, 60)}"` },
      { hint },
    )
  const named = Object.fromEntries([...value].map(([key, each]) => [String(key), encodeValue(each)]))
  const parsed = v.safeParse(JobMetadata, named)
  if (parsed.success) return parsed.output
  throw new TsaltError('usage-wrong', { reason: `--metadata: ${parsed.issues[0].message}` }, { hint })
}
