/** Arguments that all cmd functions share: how a command is run, and what counts as success. */
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { anything, environment, textList, wholeList } from '../../../shared/schema/collections.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag, nonEmptyText, seconds, text } from '../../../shared/schema/scalars.ts'

export const commandEntries = {
  cwd: optional(absolutePath, 'Directory to run in; default: the home directory of the user.'),
  runas: optional(nonEmptyText, 'User to run as.'),
  group: optional(account, 'Group to run as.'),
  shell: optional(nonEmptyText, 'Shell that gets the command with `-c`; default `/bin/sh`.'),
  env: optional(environment, 'Environment variables.'),
  prepend_path: optional(textList, 'Directories to put in front of PATH.'),
  umask: optional(mode, "File mode creation mask, such as '022'."),
  stdin: optional(text, 'What the command reads.'),
  timeout: optional(
    seconds,
    'Seconds after which the command and all it started are ended, and the state fails.',
  ),
  success_retcodes: optional(wholeList, 'Exit codes that count as success besides 0.'),
  success_stdout: optional(textList, 'Texts that count as success where they are all of the output.'),
  success_stderr: optional(textList, 'Texts that count as success where they are all of the error output.'),
  stateful: optional(
    anything,
    'True: the last line of output says what changed: `changed=yes comment="text"` or JSON.',
  ),
  hide_output: defaulted(flag, false, 'Leave the output out of the result.'),
  output_loglevel: optional(text, '`quiet` leaves the output out of the result, as `hide_output` does.'),
  use_vt: defaulted(flag, false, 'Accepted for trees of Salt; commands have no terminal.'),
  ignore_timeout: defaulted(flag, false, 'Accepted for trees of Salt.'),
  python_shell: defaulted(flag, true, 'Accepted for trees of Salt; the command is always given to a shell.'),
}
