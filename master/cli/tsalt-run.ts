#!/usr/bin/env node
/** `tsalt-run`: runners, which run on the master. */
import { runProgram } from './entry.ts'
import { runTsaltRun } from './run-program.ts'

runProgram(runTsaltRun)
