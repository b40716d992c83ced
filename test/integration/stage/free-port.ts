/**
 * A port for a daemon that will be started, killed and started again. Below those that the kernel gives to outgoing
 * connections (from 32768): a minion that tries to reach its killed master would sooner or later be given the very
 * port that it asks for, talk to itself, and keep the master from it.
 */
import { createServer } from 'node:net'

const lowest = 12_000
const count = 20_000

export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.on('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}
