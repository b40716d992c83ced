/** pkg.*: packages of the operating system. */
import { stateModule } from '../contract.ts'
import { downloaded } from './downloaded.ts'
import { groupInstalled } from './group-installed.ts'
import { held, unheld } from './held.ts'
import { installed } from './installed.ts'
import { latest } from './latest.ts'
import { purged, removed } from './removed.ts'
import { uptodate } from './uptodate.ts'

export const pkg = stateModule({
  summary: 'Packages of the operating system.',
  functions: {
    installed,
    latest,
    removed,
    purged,
    uptodate,
    held,
    unheld,
    group_installed: groupInstalled,
    downloaded,
  },
})
