/** Every runner. Adding one: its file, its line here. A test compares this list with the folder. */
import { cache } from './cache.ts'
import { config } from './config.ts'
import type { Runner } from './contract.ts'
import { doc } from './doc.ts'
import { error } from './error.ts'
import { event } from './event.ts'
import { fileserver } from './fileserver.ts'
import { jobs } from './jobs.ts'
import { manage } from './manage.ts'
import { mine } from './mine.ts'
import { network } from './network.ts'
import { pillar } from './pillar.ts'
import { reactor } from './reactor.ts'
import { schedule } from './schedule.ts'
import { state } from './state.ts'
import { survey } from './survey.ts'
import { sys } from './sys.ts'
import { test } from './test.ts'

export const runners: Readonly<Record<string, Runner>> = {
  cache,
  config,
  doc,
  error,
  event,
  fileserver,
  jobs,
  manage,
  mine,
  network,
  pillar,
  reactor,
  schedule,
  state,
  survey,
  sys,
  test,
}
