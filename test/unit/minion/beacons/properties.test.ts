/** Whatever happens to files in whatever order: no line of a log is lost or told twice, no entry comes or goes untold. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FollowedFile } from '../../../../minion/beacons/kinds/followed-file.ts'
import { opened } from './around.ts'

const scratch = (): string => mkdtempSync(join(tmpdir(), 'tsalt-property-'))

type LogStep = { readonly kind: 'write'; readonly text: string } | { readonly kind: 'rotate' | 'look' }
const logStep: fc.Arbitrary<LogStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('write' as const), text: fc.stringMatching(/^[ab\n]{0,12}$/) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
)

it('every line of a log is told once, in its order, through rotations', () => {
  fc.assert(
    fc.property(fc.array(logStep, { maxLength: 40 }), (steps) => {
      const folder = scratch()
      const path = join(folder, 'log')
      writeFileSync(path, '')
      const file = new FollowedFile(path, { atOnce: 64, behind: 1_000_000, line: 1_000 })
      file.newLines()
      const seen: string[] = []
      let written = ''
      let expected: string[] = []
      let rotations = 0
      const whole = (): string[] => written.split('\n').slice(0, -1)
      try {
        for (const step of steps) {
          if (step.kind === 'write') {
            appendFileSync(path, step.text)
            written += step.text
          } else if (step.kind === 'look') seen.push(...file.newLines())
          else {
            // One that is rotated twice between two looks is a file that nobody saw.
            for (let look = 0; look < 20; look++) seen.push(...file.newLines())
            renameSync(path, `${path}.${++rotations}`)
            writeFileSync(path, '')
            expected = [
              ...expected,
              ...whole(),
              ...(written.endsWith('\n') || written === '' ? [] : [written.split('\n').at(-1) ?? '']),
            ]
            written = ''
          }
        }
        for (let look = 0; look < 20; look++) seen.push(...file.newLines())
        expect(seen).toEqual([...expected, ...whole()])
        expect(file.skipped()).toBe(0)
      } finally {
        file.close()
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: 150 },
  )
})

const names = ['a', 'b', 'c', 'd1', 'd1/a', 'd1/b', 'd2', 'd2/a', 'd1/d3', 'd1/d3/a'] as const
const treeStep = fc.record({
  kind: fc.constantFrom('write', 'write', 'folder', 'remove', 'rename', 'look'),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names),
})

function entriesOf(root: string): Set<string> {
  return new Set(readdirSync(root, { recursive: true }).map(String))
}

function act(root: string, { kind, name, other }: { kind: string; name: string; other: string }): void {
  const [path, target] = [join(root, name), join(root, other)]
  try {
    if (kind === 'write') appendFileSync(path, 'x')
    else if (kind === 'folder') mkdirSync(path)
    else if (kind === 'remove') rmSync(path, { recursive: true, force: true })
    else if (kind === 'rename' && !existsSync(target)) renameSync(path, target)
  } catch {
    // It cannot be done to what is there.
  }
}

it('what is there at the end and was not, came; what was and is not, went', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(treeStep, { maxLength: 6 }),
      fc.array(treeStep, { minLength: 1, maxLength: 10 }),
      async (first, then) => {
        const root = scratch()
        for (const step of first) act(root, step)
        const mask = ['create', 'delete', 'moved_to', 'moved_from', 'modify']
        const watch = await opened('inotify', { files: { [root]: { mask, recurse: true } } })
        try {
          await watch.look()
          const before = entriesOf(root)
          const alive = new Set(before)
          const note = async (): Promise<void> => {
            for (const { data } of await watch.look()) {
              const path = String(data.get('path')).slice(root.length + 1)
              const change = String(data.get('change'))
              if (/CREATE|MOVED_TO/.test(change)) alive.add(path)
              // What went with its folder went, and what is in a folder that came from elsewhere came with it.
              else if (/DELETE|MOVED_FROM/.test(change))
                for (const one of [...alive])
                  if (one === path || one.startsWith(`${path}/`)) alive.delete(one)
              if (/MOVED_TO\|IN_ISDIR/.test(change) && existsSync(join(root, path)))
                for (const one of entriesOf(join(root, path))) alive.add(join(path, one))
            }
          }
          for (const step of then) {
            act(root, step)
            if (step.kind !== 'look') continue
            await new Promise((resolve) => setTimeout(resolve, 60))
            await note()
          }
          await new Promise((resolve) => setTimeout(resolve, 80))
          await note()
          const now = entriesOf(root)
          const missed = [...now].filter((one) => !alive.has(one))
          const ghosts = [...alive].filter((one) => !now.has(one))
          expect({ missed, ghosts }).toEqual({ missed: [], ghosts: [] })
          if (!then.some(({ kind }) => kind === 'look')) return
          await new Promise((resolve) => setTimeout(resolve, 60))
          expect(await watch.look()).toEqual([])
        } finally {
          watch.close?.()
          rmSync(root, { recursive: true, force: true })
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
