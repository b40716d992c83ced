/** What cmd_yaml and cmd_json share: a command's output. */
import { isList, type Value } from '../../data/value.ts'
import { type PillarSource, pillarSource, textSetting } from './contract.ts'

/** @param load of the output, with a name for its places */
export function commandSource(
  format: string,
  load: (text: string, file: string) => Value | Promise<Value>,
): PillarSource {
  return pillarSource({
    summary: `The output of a command that runs on the master, as ${format}; "%s" stands for the minion's id.`,
    settings: ['command'],
    async read(settings, { id, machine, seconds, file }) {
      const given = settings.get('command')
      const command = isList(given)
        ? given.map((word) => String(word).replaceAll('%s', id))
        : textSetting(settings, 'command').replaceAll('%s', id)
      return load(await machine.run(command, seconds), file)
    },
  })
}
