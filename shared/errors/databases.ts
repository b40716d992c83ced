import { defineErrors } from './definition.ts'

export const databaseErrors = defineErrors({
  'database-program-missing': {
    message: '{program} is not installed.',
    exit: 1,
    http: 400,
    hint: 'Install {package} in an earlier state (pkg.installed), and require that.',
  },
  'database-unreachable': {
    message: '{server} at {place} does not let in: {reason}',
    exit: 1,
    http: 503,
    hint: 'See that it runs (service.running, required by this), and that host, port, user and password are right.',
  },
  'database-refused': {
    message: '{server} at {place} refused: {reason}',
    exit: 1,
    http: 400,
  },
})
