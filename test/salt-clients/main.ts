/**
 * The judges of salt-api's routes: Salt's `pepper` and the SaltGUI web page, brought for the run and not kept.
 *
 *   npm run salt-clients -- [--pepper FROM] [--saltgui FROM] [--only pepper|saltgui] [--keep FOLDER]
 *
 * FROM is what git clones. Needs git, python3, openssl and Chromium. Pictures of the page stay in the folder of --keep.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bring } from './bring.ts'
import { tryPepper } from './pepper.ts'
import { Report } from './report.ts'
import { trySaltGui } from './saltgui.ts'
import { openSite } from './site.ts'

const { values } = parseArgs({
  options: {
    pepper: { type: 'string', default: 'https://github.com/saltstack/pepper' },
    saltgui: { type: 'string', default: 'https://github.com/erwindon/SaltGUI' },
    only: { type: 'string' },
    keep: { type: 'string' },
  },
})

const folder =
  values.keep === undefined ? mkdtempSync(join(tmpdir(), 'tsalt-clients-')) : resolve(values.keep)
const clients = mkdtempSync(join(tmpdir(), 'tsalt-brought-'))
const report = new Report()
mkdirSync(folder, { recursive: true })
try {
  const pepper = bring({ name: 'pepper', from: values.pepper }, clients)
  const saltgui = bring({ name: 'saltgui', from: values.saltgui }, clients)
  process.stdout.write(`pepper ${pepper.commit}, SaltGUI ${saltgui.commit}\n\n`)
  const site = await openSite(join(saltgui.path, 'saltgui'))
  try {
    if (values.only !== 'saltgui') await tryPepper(pepper.path, site, folder, report)
    if (values.only !== 'pepper') await trySaltGui(site, folder, report)
  } finally {
    await site.close()
  }
  report.end()
  if (report.failed > 0) process.exitCode = 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
} finally {
  rmSync(clients, { recursive: true, force: true })
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
