/** Salt's options that tsalt does not have: refused by name, with what does the same here. */

export interface LaterOption {
  readonly flags: string
  readonly meaning: string
  readonly instead: string
}

const returners =
  'The master keeps every return (tsalt jobs list, and --out json); "tsalt events" and the API hand them on.'

/** Of all programs. */
const everywhere: readonly LaterOption[] = [
  {
    flags: '-u, --user <name>',
    meaning: 'run as another user',
    instead: 'The rights are those of who is asking: sudo -u NAME tsalt …, or log in with --username.',
  },
  {
    flags: '--saltfile <file>',
    meaning: 'options out of a file',
    instead: 'The folder of the configuration is given with -c.',
  },
]

export const laterOptions: readonly LaterOption[] = [
  ...everywhere,
  {
    flags: '-R, --range <target>',
    meaning: 'target by range server',
    instead: 'There is no range server. A nodegroup of the master says the same: -N web',
  },
  { flags: '--return <returners>', meaning: 'send returns elsewhere', instead: returners },
  { flags: '--return_config <name>', meaning: 'options of a returner', instead: returners },
  { flags: '--return_kwargs <mapping>', meaning: 'options of a returner', instead: returners },
  {
    flags: '--module-executors <list>',
    meaning: 'what runs functions',
    instead: 'Minions run functions by themselves. As another user: cmd.run COMMAND runas=NAME',
  },
  {
    flags: '--executor-opts <mapping>',
    meaning: 'options of what runs functions',
    instead: 'Minions run functions by themselves. As another user: cmd.run COMMAND runas=NAME',
  },
  {
    flags: '--show-timeout',
    meaning: 'name minions that do not return',
    instead: 'They are named; --hide-timeout leaves them out.',
  },
  {
    flags: '--gather-job-timeout <seconds>',
    meaning: 'how long minions may take to say that they work',
    instead: 'The master knows who is at work; -t is the silence after which a minion is given up.',
  },
]

export const laterRunOptions: readonly LaterOption[] = everywhere

export const laterKeyOptions: readonly LaterOption[] = [
  ...everywhere,
  ...['--gen-keys <name>', '--gen-keys-dir <folder>', '--keysize <bits>'].map((flags) => ({
    flags,
    meaning: 'make key pairs',
    instead: 'Minions make their own (P-256); let them join with: tsalt-key --token --id NAME',
  })),
  ...['--gen-signature', '--auto-create', '--priv <file>', '--pub <file>', '--signature-path <folder>'].map(
    (flags) => ({
      flags,
      meaning: 'sign the master key',
      instead:
        'The CA of the master has signed it; minions pin its fingerprint (tsalt-key -F master) or join by a token.',
    }),
  ),
  {
    flags: '--rotate-aes-key <bool>',
    meaning: 'rotate the session key',
    instead: 'Every connection has its own.',
  },
  {
    flags: '--preserve-minions <bool>',
    meaning: 'keep what is known of deleted minions',
    instead: 'Jobs and events of a deleted minion stay for as long as all others.',
  },
]
