/** file.touch: an empty file where there is none, new times of one that is there. */
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, seconds } from '../../../shared/schema/scalars.ts'
import type { FileTimes } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, inSync, type StateRun, stateFunction } from '../contract.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  atime: optional(seconds, 'When it was read, in seconds since 1970; default: now.'),
  mtime: optional(seconds, 'When it was changed, in seconds since 1970; default: now.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the file.'),
})
type TouchArguments = v.InferOutput<typeof args>

export const touch = stateFunction({
  summary:
    'Makes an empty file, or sets the times of a file that is there: at every run, unless the times are given.',
  args,
  examples: ['/var/lib/app/ready:\n  file.touch:\n    - makedirs: True\n'],
  repeats: true,
  check,
})

async function check(wanted: TouchArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const info = await look.files.infoFollowed(name)
  if (info) return touchExisting(wanted, info)
  const obstacle = await parentObstacle(wanted, `Directory not present to touch file ${name}`, look, run)
  if (obstacle) return obstacle
  return drift(
    { new: name },
    { would: `File ${name} is set to be created`, done: `Created empty file ${name}` },
    async (act) => {
      if (wanted.makedirs) await makeParents(name, {}, undefined, act)
      await act.files.write(name, new Uint8Array())
      if (wanted.atime !== undefined || wanted.mtime !== undefined)
        await act.files.setTimes(name, timesOf(wanted))
    },
  )
}

function touchExisting(wanted: TouchArguments, info: FileInfo): Decision {
  const { name, atime, mtime } = wanted
  const isGiven = atime !== undefined || mtime !== undefined
  const same = (seconds: number | undefined, now: number): boolean =>
    seconds === undefined || Math.floor(seconds) === Math.floor(now / 1_000)
  if (isGiven && same(atime, info.accessed) && same(mtime, info.modified))
    return inSync(`File ${name} exists and has the correct times`)
  const what = info.type === 'directory' ? 'directory' : 'file'
  return drift(
    { touched: name },
    { would: `Times set to be updated on ${what} ${name}`, done: `Updated times on ${what} ${name}` },
    (act) => act.files.setTimes(name, timesOf(wanted)),
  )
}

/** The one that is not given is now, as in Salt. */
function timesOf({ atime, mtime }: TouchArguments): FileTimes {
  const now = systemClock.now()
  const moment = (seconds: number | undefined): number =>
    seconds === undefined ? now : Math.floor(seconds) * 1_000
  return { accessed: moment(atime), modified: moment(mtime) }
}
