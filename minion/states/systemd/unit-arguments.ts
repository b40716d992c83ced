/** The arguments of systemd.unit. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { lines, mapping, textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, seconds, text } from '../../../shared/schema/scalars.ts'
import type { ArgumentRefusal } from '../contract.ts'
import { dropinName, isInstanceName, isTemplate, unitName } from './unit-name.ts'
import { unitSections } from './unit-text.ts'

export const unitFolder = defaulted(
  absolutePath,
  '/etc/systemd/system',
  'Where unit files are; `/run/systemd/system`: until the next start of the machine.',
)

export const unitArguments = v.strictObject({
  name: needed(
    unitName,
    'The unit: `app.service` (or `app`), `backup.timer`, the template `worker@.service`.',
  ),
  sections: optional(
    unitSections,
    'The unit as fields: `{Service: {ExecStart: /usr/bin/app, Environment: [A=1, B=2]}}`; a list says its key once for each item, an empty item resets it, True is `yes`.',
  ),
  contents: optional(lines, 'The unit as text, instead of `sections`.'),
  source: optional(
    text,
    'The unit as a file, instead of `sections`: `salt://PATH` or a path of the machine.',
  ),
  template: optional(text, 'Render `contents` or `source` with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  dropin: optional(
    dropinName,
    'Write no unit but this drop-in of it: `limits` is the file `NAME.d/limits.conf`, whose settings come after those of the unit.',
  ),
  instances: optional(
    textList,
    'Of a template: what stands after the `@`. For each, `enable` and `running` are True unless they say otherwise.',
  ),
  instances_clean: defaulted(
    flag,
    false,
    'Stop and disable instances of the template that `instances` does not name.',
  ),
  enable: optional(flag, 'True: start with the machine; False: do not; not given: leave as it is.'),
  running: optional(flag, 'True: runs; False: does not; not given: leave as it is.'),
  restart: defaulted(
    flag,
    true,
    'Where the file changed, restart what runs with it: once at the end of the run, however many files changed, and not where a state that watches has done so.',
  ),
  init_delay: optional(seconds, 'Seconds to wait after a start before looking whether it still runs.'),
  verify: defaulted(
    flag,
    true,
    'Have `systemd-analyze verify` read the unit before it replaces anything; a mistake refuses it, but a program that is not there yet is none.',
  ),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  folder: unitFolder,
})

export type UnitArguments = v.InferOutput<typeof unitArguments>

export function refuseUnit(args: UnitArguments): ArgumentRefusal | undefined {
  const given = (['sections', 'contents', 'source'] as const).filter((name) => args[name] !== undefined)
  const [first, second] = given
  if (first === undefined)
    return { argument: 'sections', reason: 'one of sections, contents, source is needed' }
  if (second !== undefined)
    return {
      argument: second,
      reason: `only one of sections, contents, source is permitted, not also ${first}`,
    }
  if (args.template !== undefined && args.sections !== undefined)
    return { argument: 'template', reason: 'it renders contents or source, and sections are neither' }
  return refuseInstances(args) ?? refuseInstall(args)
}

function refuseInstances(args: UnitArguments): ArgumentRefusal | undefined {
  const { name, instances, instances_clean } = args
  if (!isTemplate(name)) {
    if (instances !== undefined)
      return { argument: 'instances', reason: `${name} is no template; one has "@" before its type` }
    if (instances_clean) return { argument: 'instances_clean', reason: `${name} is no template` }
    return undefined
  }
  if (instances_clean && instances === undefined)
    return { argument: 'instances_clean', reason: 'it needs instances, which are those that stay' }
  const wrong = instances?.find((instance) => !isInstanceName(instance))
  if (wrong !== undefined)
    return {
      argument: 'instances',
      reason: `"${wrong}" cannot be in the name of a unit; write what "systemd-escape" makes of it`,
    }
  if (instances === undefined && (args.enable !== undefined || args.running !== undefined))
    return {
      argument: args.running === undefined ? 'enable' : 'running',
      reason: 'a template itself does not run; name its instances',
    }
  return undefined
}

/** Without [Install] there is nothing to enable, and systemctl would say so only when all else is done. */
function refuseInstall({ sections, dropin, enable, instances }: UnitArguments): ArgumentRefusal | undefined {
  if (sections === undefined || dropin !== undefined || !(enable ?? instances !== undefined)) return undefined
  if (sections.some(({ name }) => name === 'Install')) return undefined
  return {
    argument: 'enable',
    reason:
      'a unit without a section Install cannot be enabled; add {Install: {WantedBy: multi-user.target}}, or say "enable: False"',
  }
}
