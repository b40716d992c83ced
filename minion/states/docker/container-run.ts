/** docker_container.run: a command in a container of its own, once at every run. */
import * as v from 'valibot'
import { defaulted } from '../../../shared/schema/argument.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import { type Applied, drift, failed, stateFunction } from '../contract.ts'
import { containerEntries, refuseContainer, wishesOf } from './container-arguments.ts'
import { configOf } from './container-config.ts'
import { encoded, inspect, objectOf, requireEngine, send, textFrom } from './engine.ts'
import { pullPath, withTag } from './names.ts'

export const runOnce = stateFunction({
  summary: 'Runs a command in a container and waits for its end, at every run that nothing keeps it from.',
  args: v.strictObject({
    ...containerEntries,
    bg: defaulted(flag, false, 'True: do not wait for it.'),
    failhard: defaulted(flag, true, 'False: another exit code than 0 is no failure.'),
    replace: defaulted(flag, false, 'True: a container of this name is removed first.'),
    force: defaulted(flag, false, 'True: with `replace`, also one that runs.'),
  }),
  repeats: true,
  examples: [
    'migrate:\n  docker_container.run:\n    - image: shop:1\n    - command: bin/migrate\n    - replace: True\n',
  ],
  refuse: refuseContainer,
  async check(wanted, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const { name } = wanted
    const image = withTag(wanted.image)
    const old = await inspect(`/containers/${name}/json`, look)
    if (old && !wanted.replace)
      return failed(
        `Encountered error running container: there is a container '${name}' already`,
        'Give "replace: True" to remove it first.',
      )
    const changes = { ExitCode: null, Logs: null }
    return drift(
      changes,
      { would: 'Container would be run', done: 'Container ran' },
      async (act): Promise<Applied> => {
        if (old) await send(`/containers/${name}?force=${wanted.force}`, { method: 'DELETE' }, act)
        if (!(await inspect(`/images/${encoded(image)}/json`, act.look)))
          await send(
            pullPath(image),
            { timeout: 3_600_000, undo: [{ argv: ['docker', 'image', 'rm', image] }] },
            act,
          )
        const { config, host } = configOf({ ...wishesOf(wanted), image })
        await send(
          `/containers/create?name=${name}`,
          { body: { ...config, HostConfig: host }, undo: [{ argv: ['docker', 'rm', '-f', name] }] },
          act,
        )
        await send(`/containers/${name}/start`, { undo: [] }, act)
        if (wanted.bg) return { comment: 'Container was started', changes: { ExitCode: null, Logs: null } }
        const ended = await send(`/containers/${name}/wait`, { undo: [], timeout: 3_600_000 }, act)
        const code = Number(objectOf(ended)['StatusCode'] ?? 0)
        const logs = await textFrom(`/containers/${name}/logs?stdout=1&stderr=1`, act.look)
        const ok = code === 0 || !wanted.failhard
        return {
          ok,
          changes: { ExitCode: code, Logs: logs },
          comment: `Container ran and its exit code was ${code}${ok ? '' : `: ${logs.trim()}`}`,
        }
      },
    )
  },
})
