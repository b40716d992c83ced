/** What targets are matched on, for all that match: who is accepted, one table of grains, pillars, nodegroups. */
import type { PillarService } from '../pillar/pillar-service.ts'
import type { KeyDesk } from '../pki/key-desk.ts'
import type { MasterSetup } from '../setup.ts'
import type { Store } from '../store/store.ts'
import { checkedNodegroups } from './checked-nodegroups.ts'
import { GrainTable } from './grain-table.ts'
import type { TargetingParts } from './resolve.ts'

export function openTargeting(
  { options, settings }: Pick<MasterSetup, 'options' | 'settings'>,
  { minions }: Pick<Store, 'minions'>,
  desk: KeyDesk,
  pillars: PillarService,
): Required<TargetingParts> {
  let nodegroups = checkedNodegroups(options)
  settings.follow((next) => {
    const groups = checkedNodegroups(next)
    return () => {
      nodegroups = groups
    }
  })
  return {
    accepted: () => desk.store.accepted(),
    minions,
    table: new GrainTable(minions),
    pillarOf: async ({ id }) => {
      const { pillar, errors } = await pillars.show(id)
      if (errors[0] !== undefined) throw errors[0]
      return pillar
    },
    get nodegroups() {
      return nodegroups
    },
  }
}
