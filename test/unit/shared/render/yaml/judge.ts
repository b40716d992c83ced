/** PyYAML and Python's json as judges, one process for a batch. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const hasPyYaml = spawnSync('/usr/bin/python3', ['-c', 'import yaml; yaml.CSafeLoader']).status === 0

/** @param work a name of judge.py's `work` */
export function judge<Answer>(work: string, cases: readonly unknown[]): Answer[] {
  const { stdout, stderr } = spawnSync('/usr/bin/python3', [join(import.meta.dirname, 'judge.py')], {
    input: `${JSON.stringify({ work, cases })}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer[]
}
