/** Tells systemd how the daemon is, where it asked to be told. Node has no datagram sockets of Unix: a tool sends it. */
import { execFile } from 'node:child_process'

/** @param words of systemd-notify: `--ready`, `--status=…`, `STOPPING=1`. Never fails and never takes long. */
export function notifyService(...words: readonly string[]): void {
  if (process.env.NOTIFY_SOCKET === undefined) return
  execFile('systemd-notify', [`--pid=${process.pid}`, ...words], { timeout: 5_000 }, () => {})
}

/** Where the unit has a watchdog: says three times in its period that the event loop still turns. */
export function feedWatchdog(): void {
  const period = Number(process.env.WATCHDOG_USEC) / 1000
  if (period > 0) setInterval(() => notifyService('WATCHDOG=1'), period / 3).unref()
}
