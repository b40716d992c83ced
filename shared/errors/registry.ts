/**
 * Every error code, in one table for each area. A code is never reused once retired (list it in `retired`).
 * Adding one: a line in its area's file; docs/reference/errors.md is generated from here.
 */
import { accessErrors } from './access.ts'
import { apiErrors } from './api.ts'
import { cliErrors } from './cli.ts'
import { configErrors } from './config.ts'
import { daemonErrors } from './daemon.ts'
import { dataErrors } from './data.ts'
import { databaseErrors } from './databases.ts'
import { fileErrors } from './files.ts'
import { identityErrors } from './identity.ts'
import { jobErrors } from './jobs.ts'
import { languageErrors } from './language.ts'
import { migrateErrors } from './migrate.ts'
import { mineErrors } from './mine.ts'
import { orchestrateErrors } from './orchestrate.ts'
import { pillarErrors } from './pillar.ts'
import { protocolErrors } from './protocol.ts'
import { reactorErrors } from './reactor.ts'
import { stateErrors } from './states.ts'

export const errorCodes = {
  ...accessErrors,
  ...apiErrors,
  ...cliErrors,
  ...configErrors,
  ...daemonErrors,
  ...dataErrors,
  ...databaseErrors,
  ...fileErrors,
  ...identityErrors,
  ...jobErrors,
  ...languageErrors,
  ...migrateErrors,
  ...mineErrors,
  ...orchestrateErrors,
  ...pillarErrors,
  ...protocolErrors,
  ...reactorErrors,
  ...stateErrors,
} as const

export type ErrorCode = keyof typeof errorCodes

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never
type Template<Code extends ErrorCode> =
  | (typeof errorCodes)[Code]['message']
  | ((typeof errorCodes)[Code] extends { hint: infer Hint extends string } ? Hint : never)

/** The parameters that a code's message and hint name. */
export type ErrorParameters<Code extends ErrorCode> = { [Name in Names<Template<Code>>]: string | number }

/** Codes that no longer exist and must not come back with another meaning. */
export const retired: readonly string[] = []
