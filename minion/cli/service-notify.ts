/** Tells the service manager that the daemon is up or stopping. Node has no datagram sockets of Unix, so a tool does it. */
import { execFile } from 'node:child_process'

/** Nothing where no service manager asked for it. Never waits and never fails. */
export function notifyService(state: 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1'): void {
  if (process.env.NOTIFY_SOCKET === undefined) return
  execFile('systemd-notify', [`--pid=${process.pid}`, state], { timeout: 5_000 }, () => {})
}

/** Where the unit has a watchdog: says three times in its period that the event loop still turns. */
export function feedWatchdog(): void {
  const period = Number(process.env.WATCHDOG_USEC) / 1000
  if (period > 0) setInterval(() => notifyService('WATCHDOG=1'), period / 3).unref()
}
