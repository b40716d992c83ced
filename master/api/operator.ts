/**
 * Who an operator is. Node does not tell the peer of a Unix socket, so it is known only as far as the socket's mode
 * tells: root, where nobody else could have opened it.
 */
import { statSync } from 'node:fs'

/** @param socket the path, after it has been made. @returns `root` or `local` */
export function operatorOf(socket: string): string {
  const { uid, gid, mode } = statSync(socket)
  const onlyRoot = uid === 0 && (gid === 0 || (mode & 0o060) === 0) && (mode & 0o006) === 0
  return onlyRoot ? 'root' : 'local'
}
