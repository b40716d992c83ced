/** The variables that tell a template which SLS it is and where it lies. */
import type { Value } from '../data/value.ts'

/**
 * As Salt gives them: for `dir.sub` in `dir/sub/init.sls` slspath is `dir/sub`, for `dir.other` in `dir/other.sls`
 * it is `dir`; at the root tpldir is `.` and slspath empty.
 */
export function pathVariables(sls: string, file: string): Record<string, Value> {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  return {
    sls,
    slspath: folder,
    sls_path: folder.replaceAll('/', '_'),
    slsdotpath: folder.replaceAll('/', '.'),
    slscolonpath: folder.replaceAll('/', ':'),
    ...templateVariables(file),
  }
}

/** The part that managed files have too. */
export function templateVariables(file: string): Record<string, Value> {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  return {
    tplpath: file,
    tplfile: file,
    tpldir: folder === '' ? '.' : folder,
    tpldot: folder.replaceAll('/', '.'),
  }
}
