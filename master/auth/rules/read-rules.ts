/** All rules of a configuration. */
import type { Dict, Value } from '../../../shared/data/value.ts'
import type { Rule } from '../rule.ts'
import { readAccess } from './read-access.ts'
import { readExternalAuth } from './read-external-auth.ts'

export interface RuleSources {
  readonly access: Value
  readonly external_auth: Value
}

/** @throws TsaltError `access-rule-invalid` with the place of the mistake */
export function readRules(
  { access, external_auth: external }: RuleSources,
  nodegroups: Dict | undefined,
): readonly Rule[] {
  return [...readAccess(access, nodegroups), ...readExternalAuth(external, nodegroups)]
}
