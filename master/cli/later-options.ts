/** Salt's options that this version does not have: refused by name, with what works now. */

export interface LaterOption {
  readonly flags: string
  readonly meaning: string
  readonly instead: string
}

const targets = 'There is no range server. A nodegroup of the master says the same: -N web'
const access = 'The socket of the master decides who may: its owner and its group.'

export const laterOptions: readonly LaterOption[] = [
  { flags: '-R, --range <target>', meaning: 'target by range server', instead: targets },
  { flags: '-p, --progress', meaning: 'progress bar', instead: 'Progress is shown on a terminal by itself.' },
  {
    flags: '--return <returners>',
    meaning: 'send returns elsewhere',
    instead: 'The master keeps every return: tsalt jobs.list',
  },
  { flags: '-a, --auth <backend>', meaning: 'external authentication', instead: access },
  { flags: '--eauth <backend>', meaning: 'external authentication', instead: access },
  { flags: '--username <name>', meaning: 'external authentication', instead: access },
  { flags: '--password <password>', meaning: 'external authentication', instead: access },
  { flags: '-T, --make-token', meaning: 'token of an operator', instead: access },
  { flags: '--args-stdin', meaning: 'arguments from standard input', instead: 'Give them as words.' },
  {
    flags: '--args-separator <sign>',
    meaning: 'several functions at once',
    instead: 'One function at a time.',
  },
]
