/** The machine that compiles pillars: its keys, its programs, its network, with a bound on what runs at once. */
import type { PillarMachine } from '../pillar/machine.ts'
import { type CipherKeys, makeCiphers } from './ciphers.ts'
import { httpGet } from './http-get.ts'
import { runSource } from './run-source.ts'
import { folderFiles } from './source-folder.ts'
import { Turns } from './turns.ts'

/** Programs and requests at once: a highstate of a thousand minions asks a thousand times. */
const mostAtOnce = 8

export function makePillarMachine(keys: CipherKeys): PillarMachine {
  const turns = new Turns(mostAtOnce)
  const ciphers = makeCiphers(keys)
  return {
    ciphers,
    run: (command, seconds) => turns.take(() => runSource(command, seconds)),
    get: (url, options) => turns.take(() => httpGet(url, options)),
    files: (folder, followLinks) => folderFiles(folder, followLinks),
  }
}
