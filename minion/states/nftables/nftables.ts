/** nftables.*: tables, chains and rules of nftables. */
import { stateModule } from '../contract.ts'
import { chainAbsent, chainPresent, flush, setPolicy, tableAbsent, tablePresent } from './chains.ts'
import { append, deleteRule, insert } from './rules.ts'

export const nftables = stateModule({
  summary: "Tables, chains and rules of the kernel's packet filter, by nft.",
  functions: {
    append,
    insert,
    delete: deleteRule,
    table_present: tablePresent,
    table_absent: tableAbsent,
    chain_present: chainPresent,
    chain_absent: chainAbsent,
    set_policy: setPolicy,
    flush,
  },
})
