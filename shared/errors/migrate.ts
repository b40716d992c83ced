import { defineErrors } from './definition.ts'

export const migrateErrors = defineErrors({
  'migrate-folder-missing': {
    message: 'There is no folder {folder}.',
    exit: 64,
    http: 400,
    hint: 'Name the folder of the Salt tree, as in: tsalt migrate check /srv/salt /srv/pillar',
  },
  'migrate-minion-silent': {
    message: 'The minion "{id}" did not answer.',
    exit: 2,
    http: 503,
    hint: 'Look with: tsalt {id} test.ping, and tsalt jobs.attach {jid}. Without a minion: --local-tree FOLDER.',
  },
  'migrate-minion-refused': {
    message: 'The minion "{id}" has no low data: {reason}',
    exit: 1,
    http: 400,
    hint: 'tsalt migrate check FOLDER lists everything that keeps the tree from compiling.',
  },
  'migrate-own-mistake': {
    message: 'tsalt itself failed on this file: {reason}',
    exit: 70,
    http: 500,
    hint: 'This is a mistake of tsalt, and worth a report with the file.',
  },
  'migrate-input-invalid': {
    message: '{file}: {reason}.',
    exit: 64,
    http: 400,
  },
})
