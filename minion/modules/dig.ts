/** Execution module `dig`: questions to name servers, by kind of record. Needs no program of that name. */
import * as v from 'valibot'
import { needed, optional } from '../../shared/schema/argument.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { lookUp, type RecordType } from './dns-lookup.ts'

const args = v.strictObject({
  host: needed(text, 'The name, or the address for PTR.'),
  nameserver: optional(text, 'Address of the server to ask; none: those of the system.'),
})

const question = (type: RecordType, summary: string, example = 'example.com') =>
  execFunction({
    summary,
    args,
    examples: [`tsalt '*' dig.${type} ${example}`],
    readOnly: true,
    run: async ({ host, nameserver }) => lookUp(host, type, nameserver),
  })

export const digModule = execModule({
  summary: 'Questions to name servers.',
  functions: {
    A: question('A', 'IPv4 addresses of a name.'),
    AAAA: question('AAAA', 'IPv6 addresses of a name.'),
    CNAME: question('CNAME', 'The name that a name stands for.'),
    MX: question('MX', 'Mail servers of a domain, with their preference.'),
    NS: question('NS', 'Name servers of a domain.'),
    PTR: question('PTR', 'Names of an address.', '192.0.2.1'),
    SRV: question('SRV', 'Servers of a service: priority, weight, port, name.', '_ldap._tcp.example.com'),
    TXT: question('TXT', 'Texts of a name.'),
  },
})
