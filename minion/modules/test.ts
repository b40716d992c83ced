/** Execution module `test`: is the minion there, what did it understand. */

import { setTimeout as pause } from 'node:timers/promises'
import * as v from 'valibot'
import type { Dict } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { seconds, text } from '../../shared/schema/scalars.ts'
import { saltVersion, version } from '../../shared/version.ts'
import { execFunction, execModule } from './contract.ts'
import { testCalls } from './test-calls.ts'

const nothing = v.strictObject({})
const anyArguments = v.strictObject({
  args: optional(anything, 'Whatever is given by position.'),
  kwargs: optional(mapping, 'Whatever is given by name.'),
})

const packageModules: Readonly<Record<string, string>> = {
  Debian: 'aptpkg',
  RedHat: 'yumpkg',
  Suse: 'zypperpkg',
  Arch: 'pacmanpkg',
  Alpine: 'apkpkg',
}

/** Templates ask by Salt's own names of modules. */
function providerOf(module: string, grains: Dict): string {
  if (module === 'pkg') return packageModules[String(grains.get('os_family'))] ?? 'pkg'
  if (module === 'service' && grains.get('init') === 'systemd') return 'systemd_service'
  if (module === 'user') return 'useradd'
  if (module === 'group') return 'groupadd'
  return module === 'cmd' ? 'cmdmod' : module
}

export const testModule = execModule({
  summary: 'Small functions to see that a minion is there and what it understood.',
  functions: {
    ...testCalls,
    ping: execFunction({
      summary: 'Answers True: the minion is connected and runs functions.',
      args: nothing,
      examples: ["tsalt '*' test.ping"],
      readOnly: true,
      run: async () => true,
    }),
    echo: execFunction({
      summary: 'Answers the text that it was given.',
      args: v.strictObject({ text: needed(anything, 'What to answer.') }),
      examples: ["tsalt '*' test.echo 'foo bar'"],
      readOnly: true,
      run: async ({ text }) => text,
    }),
    arg: execFunction({
      summary: 'Answers the arguments as the minion understood them.',
      args: anyArguments,
      rest: 'args',
      restKeywords: 'kwargs',
      examples: ["tsalt '*' test.arg 1 'two' three=3"],
      readOnly: true,
      run: async ({ args, kwargs }) => ({ args: args ?? [], kwargs: kwargs ?? {} }),
    }),
    kwarg: execFunction({
      summary: 'Answers the named arguments as the minion understood them.',
      args: v.strictObject({ kwargs: optional(mapping, 'Whatever is given by name.') }),
      restKeywords: 'kwargs',
      examples: ["tsalt '*' test.kwarg num=1 txt='two'"],
      readOnly: true,
      run: async ({ kwargs }) => kwargs ?? {},
    }),
    version: execFunction({
      summary: "Answers the minion's version.",
      args: nothing,
      examples: ["tsalt '*' test.version"],
      readOnly: true,
      run: async () => version,
    }),
    versions_report: execFunction({
      summary: 'Answers the versions of the minion, of Node.js and of the Salt that its language follows.',
      args: nothing,
      examples: ["tsalt '*' test.versions_report"],
      readOnly: true,
      run: async () => ({ tsalt: version, node: process.versions.node, 'language of Salt': saltVersion }),
    }),
    provider: execFunction({
      summary: "Salt's name of what stands behind a module on this system: `aptpkg` behind `pkg`.",
      args: v.strictObject({ module: needed(text, 'Name of the module.') }),
      examples: ["tsalt '*' test.provider service"],
      readOnly: true,
      run: async ({ module }, { look }) => providerOf(module, look.grains),
    }),
    sleep: execFunction({
      summary: 'Waits, then answers True.',
      args: v.strictObject({ length: needed(seconds, 'Seconds to wait.') }),
      examples: ["tsalt '*' test.sleep 20"],
      readOnly: true,
      run: async ({ length }, { job }) => {
        await pause(length * 1000, undefined, { signal: job.signal }).catch((error: unknown) => {
          if (!job.signal.aborted) throw error
        })
        return !job.signal.aborted
      },
    }),
    true: execFunction({
      summary: 'Answers True.',
      args: nothing,
      examples: ["tsalt '*' test.true"],
      readOnly: true,
      run: async () => true,
    }),
    false: execFunction({
      summary: 'Answers False.',
      args: nothing,
      examples: ["tsalt '*' test.false"],
      readOnly: true,
      run: async () => false,
    }),
    retcode: execFunction({
      summary: 'Answers True with a return code of 0, or of the number given.',
      args: v.strictObject({ code: optional(anything, 'Return code, default 42.') }),
      examples: ["tsalt '*' test.retcode 3"],
      readOnly: true,
      run: async ({ code }) => ({
        ret: true,
        retcode: typeof code === 'number' ? code : 42,
        format: 'nested' as const,
      }),
    }),
  },
})
