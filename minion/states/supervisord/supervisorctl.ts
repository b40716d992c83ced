/** Which supervisorctl is meant, and with which configuration. */
import type { Reader } from '../../system/reader.ts'

/** @param binEnv the program, or a virtual environment that holds it */
export async function supervisorctlOf(binEnv: string | undefined, look: Reader): Promise<string> {
  if (binEnv === undefined) return 'supervisorctl'
  const info = await look.files.infoFollowed(binEnv)
  return info?.type === 'directory' ? `${binEnv}/bin/supervisorctl` : binEnv
}

export const supervisorWords = (confFile: string | undefined): string[] =>
  confFile === undefined ? [] : ['-c', confFile]
