/** What tsalt-call exits with. */
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'

/** Of a function that does not exist, as it is in the job's return; salt-call makes 255 of it. */
const notAvailable = 254

/** @param passthrough the function's own retcode (--retcode-passthrough); otherwise 0 or 1 */
export function callExitCode(
  { retcode, success, outcome }: Pick<JobReturn, 'retcode' | 'success' | 'outcome'>,
  passthrough: boolean,
): number {
  if (!passthrough) return success && retcode === 0 ? 0 : 1
  return outcome === 'refused' && retcode === notAvailable ? 255 : retcode
}
