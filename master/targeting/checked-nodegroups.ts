/** The option `nodegroups` with every group in it read once: a mistake is told at the start, not by the first that asks. */
import { asWritten } from '../../shared/config/as-written.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { placeOfKey, placeOfValue } from '../../shared/data/provenance.ts'
import type { Dict, Key } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { TargetError } from '../../shared/targeting/target.ts'

/** @throws TsaltError `config-option-invalid` */
export function checkedNodegroups({ nodegroups: option }: Pick<MasterOptions, 'nodegroups'>): Dict {
  const groups = asWritten(option) as Dict
  const mistakes = new Map<Key, TargetError>()
  for (const name of groups.keys()) {
    const mistake = mistakeOf(String(name), groups)
    if (mistake !== undefined) mistakes.set(name, mistake)
  }
  // A group is also unreadable where one is that it names: the innermost is the one to mend.
  const names = [...mistakes.keys()]
  const isNamedBy = (inner: Key, outer: Key): boolean =>
    inner !== outer &&
    String(groups.get(outer))
      .split(/[\s,]+/)
      .includes(`N@${String(inner)}`)
  const wrong = names.find((outer) => !names.some((inner) => isNamedBy(inner, outer))) ?? names[0]
  const mistake = wrong === undefined ? undefined : mistakes.get(wrong)
  if (wrong === undefined || mistake === undefined) return groups
  throw new TsaltError(
    'config-option-invalid',
    { option: 'nodegroups', reason: mistake.message },
    { place: placeOfValue(groups, wrong) ?? placeOfKey(groups, wrong), hint: mistake.hint },
  )
}

function mistakeOf(name: string, nodegroups: Dict): TargetError | undefined {
  try {
    compileTarget({ kind: 'nodegroup', expression: name, nodegroups })
    return undefined
  } catch (error) {
    if (error instanceof TargetError) return error
    throw error
  }
}
