/** Options that master and minion share. Names are Salt's where the meaning is. */
import * as v from 'valibot'
import { outputNames } from '../output/output-names.ts'
import { flag, logLevel, mapping, option, pathOption, roots, text, whole } from './option.ts'

export const stateOutputs = ['full', 'terse', 'mixed', 'changes', 'filter', 'short'] as const

export const commonOptions = {
  root_dir: option(text, '/', 'Every path is moved under this folder, so that nothing needs root rights.'),
  log_level: option(logLevel, 'warning', 'Least severe message that reaches the log.'),
  file_roots: option(
    roots,
    { base: ['/srv/tsalt', '/srv/salt'] },
    'Folders of states and files for each environment; the first that has a file wins.',
  ),
  pillar_roots: option(roots, { base: ['/srv/pillar'] }, 'Folders of pillars for each environment.'),
  state_top: option(text, 'top', 'Name of the top file of states, without its ending.'),
  top_file_merging_strategy: option(
    v.picklist(['merge', 'merge_all', 'same']),
    'merge',
    'How top files of several environments combine.',
  ),
  env_order: option(
    v.array(v.string()),
    [],
    'Order of environments; empty: base first, then as in file_roots.',
  ),
  default_top: option(
    text,
    'base',
    'Environment whose top file stands in with top_file_merging_strategy "same".',
  ),
  state_top_saltenv: option(
    text,
    '',
    'Environment whose top file of states is the only one that counts; empty: those of all.',
  ),
  state_auto_order: option(
    flag,
    true,
    'States come in the order in which they are written. False: by module, name and function.',
  ),
  salt_compat: option(
    flag,
    false,
    'For Salt trees that need it: the functions of one ID run in Salt\'s order ("module:" before "module.function:"), and require_in and its like may name what is not part of the run.',
  ),
  nodegroups: option(
    mapping,
    {},
    'Groups of minions for N@ in top files: name → compound expression, or list of ids. Top files of states read those of the minion, top files of pillars those of the master.',
  ),
  pillar_source_merging_strategy: option(
    v.picklist(['smart', 'recurse', 'aggregate', 'overwrite', 'list', 'none']),
    'smart',
    'How pillar files merge.',
  ),
  ext_pillar: option(
    v.array(v.unknown()),
    [],
    'Further sources of pillars, in order, each merged over what came before: cmd_yaml, cmd_json, file_tree, http_yaml, http_json.',
  ),
  ext_pillar_first: option(
    flag,
    false,
    'Ask the sources first: files see their answers as "pillar" and win over them.',
  ),
  exclude_ext_pillar: option(v.array(text), [], 'Names of sources that are passed over.'),
  ext_pillar_timeout: option(whole, 30, 'Seconds after which a source that has not answered is given up.'),
  decrypt_pillar: option(
    v.array(v.unknown()),
    [],
    'Paths in the merged pillar whose values are opened at the end: "secrets:db", or "secrets:db: age".',
  ),
  decrypt_pillar_delimiter: option(text, ':', 'What separates the steps of such a path.'),
  decrypt_pillar_default: option(text, 'gpg', 'Renderer of such paths that name none.'),
  decrypt_pillar_renderers: option(v.array(text), ['gpg', 'age'], 'Renderers that such paths may name.'),
  gpg_keydir: pathOption(
    '/etc/tsalt/gpgkeys',
    'Folder of the keys that "#!yaml|gpg" opens values with (0700).',
  ),
  age_identities: pathOption(
    '/etc/tsalt/age-identities',
    'File of the identities that "#!yaml|age" opens values with (0600).',
  ),
  pillar_merge_lists: option(flag, false, 'Lists in pillars are joined instead of replaced.'),
  pillar_includes_override_sls: option(
    flag,
    false,
    'An included pillar file wins over the one that includes it.',
  ),
  failhard: option(flag, false, 'Stop a run at its first failed state.'),
  state_output: option(
    v.picklist(stateOutputs),
    'short',
    "Form of state results: short (changed and failed, with diffs), or Salt's full, terse, mixed, changes, filter.",
  ),
  state_verbose: option(flag, true, 'Show states that are in order, in the forms that list every state.'),
  output: option(
    v.picklist(['', ...outputNames]),
    '',
    'Form of what "tsalt" prints (of a minion: "tsalt-call"), as --out; empty: state runs in their own, everything else nested.',
  ),
  state_output_diff: option(flag, false, 'Leave out states that are in order, as "state_verbose: False".'),
  state_output_profile: option(flag, true, "When each state began and what it took, in Salt's forms."),
  state_output_pct: option(flag, false, "Shares of successes and failures in the summary of Salt's forms."),
  state_tabular: option(flag, false, 'Lines of terse state results stand in columns.'),
  color: option(flag, true, 'Colour on terminals.'),
  jinja_env: option(
    mapping,
    {},
    'How Jinja reads templates of managed files: trim_blocks, lstrip_blocks, block_start_string and the other options of its environment.',
  ),
  jinja_sls_env: option(mapping, {}, 'The same for SLS files, those of pillars too.'),
  renderer: option(text, 'jinja|yaml', 'Pipeline of *.sls files without a first line that names one.'),
} as const
