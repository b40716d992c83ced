/** file.cached and file.not_cached: a file of the tree or of the network in the minion's cache. */
import { posix } from 'node:path'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { planFile } from './content-plan.ts'
import { fetchSource, isRemote } from './fetch-source.ts'
import { makeParents } from './parents.ts'
import { checkDigest, resolveDigest } from './source-hash.ts'

const name = needed(nonEmptyText, 'The file: `salt://PATH`, `https://…`, or a path of the machine.')
const saltenv = optional(nonEmptyText, 'Environment of the tree.')

/** Where Salt has it too: `files/ENV/PATH` of the tree, `extrn_files/ENV/HOST/PATH` of the network. */
function placeOf(
  url: string,
  environment: string,
  { cachedir = '/var/cache/tsalt/minion' }: StateRun,
): string {
  const path = posix.normalize(`/${url.replace(/^\w+:\/\/(?:[^/@]*@)?/, '').replace(/[?#].*$/, '')}`)
  if (isRemote(url)) return posix.join(cachedir, 'extrn_files', environment, path)
  return url.startsWith('salt://')
    ? posix.join(cachedir, 'files', environment, path)
    : posix.join(cachedir, 'localfiles', path)
}

export const cached = stateFunction({
  summary: "Makes sure that a file of the tree or of the network is in the minion's cache.",
  args: v.strictObject({
    name,
    source_hash: optional(
      text,
      'Digest that it must have, or a file that lists digests. A file of the network needs one.',
    ),
    source_hash_name: optional(text, 'Name to look for in a list of digests.'),
    skip_verify: defaulted(flag, false, 'Take a file of the network without `source_hash`.'),
    saltenv,
    use_etag: optional(flag, 'Accepted for trees of Salt.'),
  }),
  examples: [
    'https://example.org/app-1.2.tar.gz:\n  file.cached:\n    - source_hash: https://example.org/SHA256SUMS\n',
    'salt://app/install.sh:\n  file.cached: []\n',
  ],
  refuse: (wanted) => {
    if (!/^(?:salt|https?|file):\/\/|^\//.test(wanted.name))
      return { argument: 'name', reason: 'it is neither salt://, http://, https:// nor a path' }
    return isRemote(wanted.name) && wanted.source_hash === undefined && !wanted.skip_verify
      ? { argument: 'source_hash', reason: 'a file of the network needs it, or "skip_verify: True"' }
      : undefined
  },
  async check(wanted, look, run) {
    const { name: url, source_hash, skip_verify } = wanted
    const there = { ...run, environment: wanted.saltenv ?? run.environment }
    const path = placeOf(url, there.environment, run)
    const names = { given: wanted.source_hash_name, others: [url.replace(/[?#].*$/, '')] }
    const digest =
      source_hash === undefined || skip_verify
        ? undefined
        : await resolveDigest(source_hash, names, async (list) =>
            Buffer.from((await fetchSource(list, look, there)).content).toString('utf8'),
          )
    if (typeof digest === 'string') return failed(digest)
    const source = await fetchSource(url, look, there, digest)
    const complaint = digest && checkDigest(digest, url, source)
    if (complaint !== undefined) return failed(complaint)
    const info = await look.files.info(path)
    const plan = await planFile(
      { path, info, content: source.content, attributes: {}, showChanges: false },
      look,
    )
    if (!plan) return inSync(`File ${url} is already cached to ${path}`)
    return drift(
      { hash: { new: source.sha256 } },
      { would: `File ${url} would be cached to ${path}`, done: `File is cached to ${path}` },
      async (act) => {
        await makeParents(path, {}, 0o700, act)
        await plan.apply(act)
      },
    )
  },
})

export const notCached = stateFunction({
  summary: "Makes sure that a file is not in the minion's cache.",
  args: v.strictObject({ name, saltenv }),
  examples: ['https://example.org/app-1.2.tar.gz:\n  file.not_cached: []\n'],
  refuse: (wanted) =>
    /^(?:salt|https?|file):\/\/|^\//.test(wanted.name)
      ? undefined
      : { argument: 'name', reason: 'it is neither salt://, http://, https:// nor a path' },
  async check({ name: url, saltenv: environment }, look, run) {
    const path = placeOf(url, environment ?? run.environment, run)
    const info = await look.files.info(path)
    if (!info) return inSync(`${url} is not cached`)
    if (info.type === 'directory') return failed(`${url} is a directory of the cache, not one file`)
    return drift(
      { deleted: [path] },
      { would: `${path} would be deleted`, done: `${path} was deleted` },
      (act) => act.files.remove(path),
    )
  },
})
