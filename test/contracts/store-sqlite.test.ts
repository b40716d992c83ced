import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../master/store/sqlite/store.ts'
import { storeContract } from './store.ts'

storeContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-store-'))
  return {
    open: () => openStore(join(folder, 'master.db')),
    destroy: () => rmSync(folder, { recursive: true }),
  }
})
