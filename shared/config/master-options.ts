/** Options of /etc/tsalt/master. */
import * as v from 'valibot'
import { ApiOptions } from './api-options.ts'
import { commonOptions } from './common-options.ts'
import {
  flag,
  mapping,
  type Options,
  option,
  pathOption,
  placedOption,
  port,
  reloaded,
  text,
  whole,
} from './option.ts'

export const masterOptions = {
  ...commonOptions,
  color: reloaded(commonOptions.color),
  decrypt_pillar: reloaded(commonOptions.decrypt_pillar),
  decrypt_pillar_default: reloaded(commonOptions.decrypt_pillar_default),
  decrypt_pillar_delimiter: reloaded(commonOptions.decrypt_pillar_delimiter),
  decrypt_pillar_renderers: reloaded(commonOptions.decrypt_pillar_renderers),
  exclude_ext_pillar: reloaded(commonOptions.exclude_ext_pillar),
  ext_pillar: reloaded(commonOptions.ext_pillar),
  ext_pillar_first: reloaded(commonOptions.ext_pillar_first),
  ext_pillar_timeout: reloaded(commonOptions.ext_pillar_timeout),
  log_level: reloaded(commonOptions.log_level),
  nodegroups: reloaded(commonOptions.nodegroups),
  pillar_includes_override_sls: reloaded(commonOptions.pillar_includes_override_sls),
  pillar_merge_lists: reloaded(commonOptions.pillar_merge_lists),
  pillar_roots: reloaded(commonOptions.pillar_roots),
  pillar_source_merging_strategy: reloaded(commonOptions.pillar_source_merging_strategy),
  output: reloaded(commonOptions.output),
  state_output: reloaded(commonOptions.state_output),
  state_verbose: reloaded(commonOptions.state_verbose),
  state_output_diff: reloaded(commonOptions.state_output_diff),
  state_output_profile: reloaded(commonOptions.state_output_profile),
  state_output_pct: reloaded(commonOptions.state_output_pct),
  state_tabular: reloaded(commonOptions.state_tabular),
  cli_summary: reloaded(option(flag, false, 'Count the minions at the end, as --summary.')),
  interface: option(text, '0.0.0.0', 'Address that minions connect to.'),
  port: option(port, 4510, 'Port that minions connect to.'),
  pki_dir: pathOption('/var/lib/tsalt/pki', "The CA and the master's own key and certificate (0700)."),
  store: pathOption('/var/lib/tsalt/master.db', 'The SQLite database.'),
  audit_log: pathOption(
    '/var/log/tsalt/audit',
    'Append-only log of privileged acts and refusals, JSON lines.',
  ),
  log_file: pathOption('/var/log/tsalt/master', 'The log.'),
  cachedir: pathOption(
    '/var/cache/tsalt/master',
    'What minions have pushed, below `minions/ID/files` (0700).',
  ),
  file_recv: reloaded(option(flag, false, 'Take the files that cp.push and cp.push_dir send.')),
  file_recv_max_size: option(
    whole,
    100,
    'Megabytes that the pushed files of one minion may take on the master, all together.',
  ),
  socket: pathOption('/run/tsalt/master.sock', 'Unix socket of the operator API (0660).'),
  socket_group: option(text, '', 'Group that may use the socket; empty: that of the master process.'),
  api: option(
    v.nullable(ApiOptions),
    null,
    "The API over the network, for Salt's clients as well: certificate, key, host (0.0.0.0), port (4511), app, static, webhook_auth, values. Absent: only the socket.",
  ),
  default_target: reloaded(
    option(text, '', 'Target of "tsalt state.highstate" without one; empty: refused.'),
  ),
  timeout: reloaded(
    option(whole, 30, 'Seconds of silence from a minion after which the command line stops waiting for it.'),
  ),
  job_expiry: reloaded(
    option(whole, 300, 'Seconds after which a job that could not be delivered is given up.'),
  ),
  keep_jobs_seconds: reloaded(option(whole, 30 * 86_400, 'How long finished jobs are kept.')),
  keep_jobs_megabytes: reloaded(
    option(
      whole,
      4_096,
      'What arguments and returns of all jobs may take together; beyond it the oldest finished ones go. 0: any amount.',
    ),
  ),
  event_keep_seconds: reloaded(option(whole, 7 * 86_400, 'How long events are kept.')),
  event_keep_count: reloaded(option(whole, 1_000_000, 'How many events are kept at most.')),
  certificate_days: reloaded(option(whole, 30, "Life of a minion's certificate.")),
  max_minions: reloaded(option(whole, 20_000, 'Connections of accepted minions at once.')),
  max_pending: reloaded(option(whole, 1_000, 'Keys waiting for acceptance.')),
  handshakes_per_second: option(
    whole,
    200,
    'New connections admitted in a second; the rest are asked to come later.',
  ),
  public_host: option(text, '', "Host name or address that join tokens carry; empty: this host's name."),
  pillar_opts: reloaded(
    option(flag, false, 'Show the master\'s configuration in every pillar under "master".'),
  ),
  pillar_functions: option(
    v.array(text),
    [],
    'Functions that templates of pillars may call on the master, as patterns: cmd.run, file.*, environ.get, http.query.',
  ),
  trusted_grains: reloaded(
    option(v.array(text), [], 'Grains that may choose secrets although minions set them; the id always may.'),
  ),
  pillar_grain_secrets: reloaded(
    option(
      v.picklist(['refuse', 'warn', 'allow']),
      'refuse',
      'What becomes of a pillar SLS with secrets that a grain chose: no part of the pillar and an error, or a warning.',
    ),
  ),
  mine_size: reloaded(option(whole, 1_048_576, 'Bytes of JSON that one minion may keep in the mine.')),
  access: reloaded(
    placedOption(
      'list',
      'Rules of what operators may do beside root: who, target, functions, runner, wheel, see, args, kwargs, test_only, root_equivalent.',
    ),
  ),
  external_auth: reloaded(
    placedOption(
      'mapping',
      "The same in Salt's form: way of logging in (local, pam) → user → target → functions.",
    ),
  ),
  token_expire: reloaded(
    option(v.pipe(whole, v.minValue(60), v.maxValue(30 * 86_400)), 43_200, 'Seconds that a login lasts.'),
  ),
  pam_socket: reloaded(
    option(
      text,
      '',
      'Socket of saslauthd, through which PAM is asked (/run/saslauthd/mux); empty: nobody logs in by PAM.',
    ),
  ),
  pam_service: reloaded(option(text, 'tsalt', 'Name of the service for PAM: the file in /etc/pam.d.')),
  ping_interval: reloaded(option(whole, 30, 'Seconds between pings on an idle connection.')),
  reactor: reloaded(
    option(
      v.array(v.unknown()),
      [],
      'What happens on which events: a list of globs over tags, each with its files (docs/guide/reactor.md).',
    ),
  ),
  reactor_worker_threads: option(
    v.pipe(whole, v.minValue(1), v.maxValue(100)),
    10,
    'Reactions that may be under way at once.',
  ),
  reactor_backlog_seconds: reloaded(
    option(
      whole,
      3_600,
      'Events that are older when the reactor comes to them are passed over, and told of.',
    ),
  ),
  schedule: reloaded(
    option(
      mapping,
      {},
      'Runners, and jobs of minions, at their times: name → entry (docs/guide/schedule.md).',
    ),
  ),
} as const
export type MasterOptions = Options<typeof masterOptions>
