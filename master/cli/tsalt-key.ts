#!/usr/bin/env node
/** `tsalt-key`: the keys of minions, and join tokens. */
import { runProgram } from './entry.ts'
import { runTsaltKey } from './key-program.ts'

runProgram(runTsaltKey)
