/** What Salt's `saltutil` has and a minion here does not do. */
import { allRefused } from './refusing.ts'

const onMaster = 'a minion starts nothing on the master'

export const refusedUtilities = allRefused('saltutil', {
  find_cached_job: 'the master keeps what jobs returned: tsalt-run jobs.lookup_jid JID',
  clear_job_cache: 'a minion keeps no jobs that are done; the master does so for keep_jobs_seconds',
  revoke_auth: 'a minion has no say in its key: tsalt-key -d ID on the master',
  regen_keys: 'a new key needs a new acceptance: tsalt-key -d ID on the master, then enrol the minion again',
  cmd: `${onMaster}: give the command to tsalt there`,
  cmd_iter: `${onMaster}: give the command to tsalt there`,
  wheel: `${onMaster}: tsalt-key and tsalt-run do it there`,
  mmodule: 'nothing has to be loaded anew: call the function itself',
  update: 'the package of tsalt-minion is updated as every other one: pkg.installed',
})
