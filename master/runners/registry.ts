/** Every runner. Adding one: its file, its line here. A test compares this list with the folder. */
import { cache } from './cache.ts'
import type { Runner } from './contract.ts'
import { fileserver } from './fileserver.ts'
import { jobs } from './jobs.ts'
import { manage } from './manage.ts'
import { pillar } from './pillar.ts'
import { reactor } from './reactor.ts'
import { state } from './state.ts'
import { sys } from './sys.ts'

export const runners: Readonly<Record<string, Runner>> = {
  cache,
  fileserver,
  jobs,
  manage,
  pillar,
  reactor,
  state,
  sys,
}
