/** Execution module `dnsutil`: questions to name servers. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { lookUp, type RecordType } from './dns-lookup.ts'

const args = v.strictObject({
  host: needed(text, 'The name.'),
  nameserver: optional(text, 'Address of the server to ask; none: those of the system.'),
})

const question = (type: RecordType, summary: string) =>
  execFunction({
    summary,
    args,
    examples: [`tsalt '*' dnsutil.${type} example.com`],
    readOnly: true,
    run: async ({ host, nameserver }) => lookUp(host, type, nameserver),
  })

export const dnsutilModule = execModule({
  summary: 'Questions to name servers.',
  functions: {
    A: question('A', 'IPv4 addresses of a name; an empty list where there are none.'),
    AAAA: question('AAAA', 'IPv6 addresses of a name; an empty list where there are none.'),
    NS: question('NS', 'Name servers of a domain.'),
    MX: question('MX', 'Mail servers of a domain, with their preference.'),
  },
})
