/** Options of /etc/tsalt/minion. */
import * as v from 'valibot'
import { commonOptions } from './common-options.ts'
import { databaseOptions } from './database-options.ts'
import { flag, mapping, type Options, option, pathOption, port, text, whole } from './option.ts'

export const minionOptions = {
  ...commonOptions,
  ...databaseOptions,
  id: option(text, '', "This minion's id; empty: the file minion_id, else the fully qualified host name."),
  master: option(v.union([text, v.array(text)]), 'salt', 'Host of the master, optionally HOST:PORT.'),
  master_port: option(port, 4510, 'Port of the master.'),
  master_finger: option(
    text,
    '',
    'SHA-256 fingerprint of the master\'s CA, as "tsalt-key -F master" prints it.',
  ),
  join_token: option(
    text,
    '',
    'One-time token from "tsalt-key --token"; carries host, port and fingerprint.',
  ),
  trust_on_first_use: option(flag, false, 'Accept whatever CA answers first. For tests only.'),
  pki_dir: pathOption('/etc/tsalt/pki/minion', "The minion's key, its certificate and the pinned CA (0700)."),
  state_dir: pathOption('/var/lib/tsalt/minion', 'Inbox, spool and undo journals (0700).'),
  cachedir: pathOption('/var/cache/tsalt/minion', 'Files fetched from the master; safe to delete.'),
  log_file: pathOption('/var/log/tsalt/minion', 'The log.'),
  file_client: option(
    v.picklist(['remote', 'local']),
    'remote',
    'local: read file_roots and pillar_roots on this machine.',
  ),
  grains: option(mapping, {}, 'Static grains.'),
  grains_dir: pathOption('/etc/tsalt/grains.d', 'Executables that print grains as JSON or YAML.'),
  saltenv: option(text, '', 'Environment of this minion; empty: all that the top files name.'),
  lock_saltenv: option(
    flag,
    false,
    'Neither saltenv= of a command nor `saltenv` of a state leads to another environment.',
  ),
  pillar_raise_on_missing: option(
    flag,
    false,
    'pillar.get of a key that does not exist is an error without a default.',
  ),
  pillarenv: option(text, '', 'Environment that the pillar is taken from; empty: all.'),
  test: option(flag, false, 'Every state run is a dry run unless test=False is given.'),
  state_aggregate: option(
    v.union([flag, v.array(text)]),
    false,
    'Install packages of several states in one transaction: True, or a list of state modules.',
  ),
  state_queue: option(
    v.union([flag, whole]),
    true,
    'State runs without queue=: True waits for those before, a number where no more than that are before, False gives up.',
  ),
  state_events: option(flag, false, 'Every result of a state is an event (`__event__` in JSON has its tag).'),
  disabled_requisites: option(v.array(text), [], 'Requisites that are ignored, e.g. [prereq].'),
  global_state_conditions: option(
    mapping,
    {},
    'Which states are called at all: `*`, a module or a function, with compound expressions of which one has to match.',
  ),
  backup_mode: option(v.picklist(['', 'minion']), '', 'minion: file states keep what they replace.'),
  acceptance_wait_time: option(whole, 10, 'Seconds between questions whether the key was accepted.'),
  recon_default: option(whole, 1_000, 'Milliseconds of the first pause before reconnecting; jittered.'),
  recon_max: option(whole, 10_000, 'Longest pause before reconnecting, in milliseconds.'),
  ping_interval: option(whole, 30, 'Seconds between pings on an idle connection.'),
  schedule: option(mapping, {}, 'Jobs at their times, by name, as `schedule.add` takes them.'),
  beacons: option(mapping, {}, 'What this minion watches, by name, as `beacons.add` takes it.'),
  mine_functions: option(
    v.union([mapping, v.array(v.unknown())]),
    {},
    'Functions whose answers other minions may read, with their arguments; the pillar may name further ones.',
  ),
  mine_interval: option(
    whole,
    60,
    'Minutes between two times that they are asked; 0: only when something changes.',
  ),
  mine_enabled: option(flag, true, 'False: they are asked by mine.update alone.'),
  max_output: option(whole, 1_048_576, 'Bytes kept of each stream of a command.'),
  spool_limit: option(
    whole,
    268_435_456,
    'Bytes of unsent results kept; bodies beyond it are cut, verdicts never.',
  ),
  providers: option(
    v.record(text, text),
    {},
    'Overrides the provider chosen by grains, e.g. service: systemd.',
  ),
} as const
export type MinionOptions = Options<typeof minionOptions>
