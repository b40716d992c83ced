/** Content by its URL: of the tree and of this machine at once, from the network as a download. */
import type { ExpectedDigest, Reader, Source } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

/** What only the network has. */
export const isRemote = (url: string): boolean => /^(?:https?|ftp|s3|swift):\/\//.test(url)

/** Nothing verifies a download here: the caller does. @throws TsaltError `source-…`, `url-unreachable` */
export const fetchSource = (
  url: string,
  look: Reader,
  run: StateRun,
  digest?: ExpectedDigest,
): Promise<Source> =>
  isRemote(url)
    ? look.sources.download(url, digest)
    : look.sources.fetch(url.replace(/^file:\/\//, ''), run.environment)
