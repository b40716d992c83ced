// What modules of a tree import from 'tsalt'; docs/types/tsalt.d.ts has its types. Plain JavaScript, as it is copied
// beside the synced modules.

export const inSync = (comment) => ({ kind: 'in-sync', comment })
export const failed = (comment, hint) => ({ kind: 'failed', comment: hint === undefined ? comment : `${comment}\n  hint: ${hint}` })
export const unknown = (reason) => ({ kind: 'unknown', reason })
export const drift = (changes, comments, apply) => ({ kind: 'drift', changes, comment: comments.would, done: comments.done, apply })

const type = (name, more) => ({ type: name, ...more })
export const text = type('text')
export const nonEmptyText = type('nonEmptyText')
export const flag = type('flag')
export const whole = type('whole')
export const seconds = type('seconds')
export const absolutePath = type('absolutePath')
export const mode = type('mode')
export const account = type('account')
export const textList = type('textList')
export const mapping = type('mapping')
export const environment = type('environment')
export const anything = type('anything')
export const choice = (words) => type('choice', { words })

export const needed = (of, description) => ({ ...of, description, need: 'needed' })
export const optional = (of, description) => ({ ...of, description, need: 'optional' })
export const defaulted = (of, fallback, description) => ({ ...of, description, need: 'defaulted', fallback })

export const stateFunction = (definition) => definition
export const stateModule = (definition) => definition
export const execFunction = (definition) => definition
export const execModule = (definition) => definition
