/** Tells systemd how the daemon is, where it asked to be told. Node has no datagram sockets of Unix: a tool sends it. */
import { execFile } from 'node:child_process'

/** @param words of systemd-notify: `--ready`, `--status=…`, `STOPPING=1`. Never fails and never takes long. */
export function notifyService(...words: readonly string[]): void {
  if (process.env.NOTIFY_SOCKET === undefined) return
  execFile('systemd-notify', [`--pid=${process.pid}`, ...words], { timeout: 5_000 }, () => {})
}
