/** Groups of a system user, out of /etc/passwd and /etc/group: those of directory services are not known. */
import { readFileSync } from 'node:fs'

/** @param folder where the two files are */
export function systemGroups(user: string, folder = '/etc'): readonly string[] {
  if (user === '') return []
  const gid = rows(`${folder}/passwd`).find(([name]) => name === user)?.[3]
  return rows(`${folder}/group`)
    .filter(
      ([, , id, members]) => (gid !== undefined && id === gid) || (members ?? '').split(',').includes(user),
    )
    .flatMap(([name]) => (name === undefined || name === '' ? [] : [name]))
}

function rows(file: string): readonly (readonly string[])[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    // Without the file nobody is in a group: less is allowed, never more.
    return []
  }
}
