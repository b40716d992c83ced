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
  'push-off': {
    message: 'This master takes no files of minions.',
    exit: 1,
    http: 403,
    hint: "Set file_recv: True in the master's configuration to have cp.push.",
  },
  'push-quota': {
    message: 'The pushed files of {id} would take more than {limit} MB.',
    exit: 1,
    http: 413,
    hint: "Remove some below minions/{id}/files in the master's cachedir, or raise file_recv_max_size.",
  },
  'push-refused': {
    message: 'The file cannot be kept as {path}: {reason}.',
    exit: 1,
    http: 409,
    hint: "Another upload_path, or what stands in the way in the master's cachedir removed.",
  },
  'push-lost': {
    message: 'The parts before this one are not here any more.',
    exit: 1,
    http: 409,
    hint: 'Push the file again.',
  },
  'blobs-too-large': {
    message: 'More than {limit} bytes of files were asked for at once.',
    exit: 1,
    http: 413,
    hint: 'Ask for large files in slices.',
  },
})
