/** apache_site.*: sites of Apache, enabled or not. */
import { switches } from './apache/switch.ts'
import { stateModule } from './contract.ts'

export const apacheSite = stateModule({
  summary: 'Sites of Apache, enabled by links as Debian does it.',
  functions: switches('site', 'site', 'example.org'),
})
