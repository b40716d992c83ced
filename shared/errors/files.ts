import { defineErrors } from './definition.ts'

export const fileErrors = defineErrors({
  'environment-unknown': {
    message: 'There is no environment "{environment}".',
    exit: 1,
    http: 404,
    hint: "The option file_roots in the master's configuration names the environments.",
  },
  'path-outside-root': {
    message: 'The path "{path}" does not stay beneath its root.',
    exit: 1,
    http: 403,
    hint: 'Paths in a tree are relative, without ".." steps, and links lead to places beneath the same root.',
  },
  'tree-file-unreadable': {
    message: 'The master cannot read {file}: {reason}.',
    exit: 1,
    http: 500,
    hint: 'Make it readable for the user that tsalt-master runs as.',
  },
  'blobs-too-large': {
    message: 'More than {limit} bytes of files were asked for at once.',
    exit: 1,
    http: 413,
    hint: 'Ask for large files in slices.',
  },
})
