/** Options of salt-call that tsalt-call does not have, and what does the same. */
import type { LaterWord } from './words.ts'

const modules =
  'Modules, states and grains of your own stand in the tree: _modules/, _states/, _grains/ below --file-root'

export const laterCallWords: readonly LaterWord[] = [
  { names: ['-m', '--module-dirs'], meaning: 'a folder of modules', instead: modules },
  { names: ['--states-dir'], meaning: 'a folder of state modules', instead: modules },
  {
    names: ['--return'],
    meaning: 'send the return elsewhere',
    instead: 'Jobs that the master starts are kept there: tsalt TARGET FUNCTION, then tsalt jobs show JID',
  },
  {
    names: ['--skip-grains'],
    meaning: 'no grains',
    instead: 'They take some milliseconds, and what runs may ask for them.',
  },
  {
    names: ['--set-metadata'],
    meaning: 'what a search for jobs finds',
    instead: 'A call on its machine is no job of the master; tsalt TARGET FUNCTION --metadata MAPPING is.',
  },
  {
    names: ['-u', '--user'],
    meaning: 'run as another user',
    instead: 'The rights are those of who calls: sudo -u NAME tsalt-call …',
  },
  {
    names: ['--saltfile'],
    meaning: 'options out of a file',
    instead: 'The folder of the configuration is given with -c.',
  },
  {
    names: ['--module-executors', '--executor-opts'],
    meaning: 'what runs functions',
    instead: 'As another user: cmd.run COMMAND runas=NAME',
  },
]
