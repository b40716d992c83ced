/** The words of entries that only the master's schedule has. Apart, as runners and entries know each other. */

/** What an entry of the master has beside those of minions. */
export const masterWords = {
  tgt: 'Minions that the function runs on, a target; without it the function is a runner of the master.',
  tgt_type: 'Kind of the target: glob, list, grain, compound, …',
  as: 'Name of an operator by whose rights it runs; otherwise it may do everything.',
} as const
