/** A file of /proc as text. */
import type { Reader } from '../../system/reader.ts'

/** Empty where there is none. */
export async function textOf(look: Reader, path: string): Promise<string> {
  if (!(await look.files.infoFollowed(path))) return ''
  return Buffer.from(await look.files.read(path)).toString('utf8')
}
