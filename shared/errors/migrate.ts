import { defineErrors } from './definition.ts'

export const migrateErrors = defineErrors({
  'migrate-folder-missing': {
    message: 'There is no folder {folder}.',
    exit: 64,
    http: 400,
    hint: 'Name the folder of the Salt tree, as in: tsalt migrate check /srv/salt /srv/pillar',
  },
  'migrate-input-invalid': {
    message: '{file}: {reason}.',
    exit: 64,
    http: 400,
  },
})
