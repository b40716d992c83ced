/** iptables.*: rules and chains of the kernel's packet filter. */
import { stateModule } from '../contract.ts'
import { chainAbsent, chainPresent, flush, setPolicy } from './chains.ts'
import { append, deleteRule, insert } from './rules.ts'

export const iptables = stateModule({
  summary: "Rules and chains of the kernel's packet filter, by iptables and ip6tables.",
  functions: {
    append,
    insert,
    delete: deleteRule,
    chain_present: chainPresent,
    chain_absent: chainAbsent,
    set_policy: setPolicy,
    flush,
  },
})
