#!/usr/bin/env node
/** `tsalt`: runs functions on minions, and looks after jobs. Rare things are loaded only when they are asked for. */
import { version } from '../../shared/version.ts'
import type { Console } from './console.ts'
import { runProgram } from './entry.ts'

async function tsalt(words: readonly string[], console: Console): Promise<number> {
  if (words.length === 1 && words[0] === '--version') {
    console.out(`tsalt ${version}\n`)
    return 0
  }
  const { runTsalt } = await import('./tsalt-program.ts')
  return runTsalt(words, console)
}

runProgram(tsalt)
