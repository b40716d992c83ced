/**
 * Which runners and wheel functions are not root on the master by their nature; written as in plain-functions.ts. What
 * they ask of minions in turn is asked in the name of who called them, and checked again.
 */
type Grounds = Readonly<Record<'runner' | 'wheel', Readonly<Record<string, string>>>>

export const lookOnMaster: Grounds = {
  runner: {
    cache: 'grains(...) mine(...)',
    doc: 'execution(...) runner(...) wheel(...)',
    error: 'error(...)',
    fileserver: 'dir_list(...) envs(...) file_list(...)',
    jobs: 'active(...) exit_success(...) last_run(...) list_job(...) list_jobs(...) list_jobs_filter(...) lookup_jid(...) print_job(...)',
    manage:
      'alived(...) allowed(...) down(...) joined(...) list_not_state(...) list_state(...) not_alived(...) ' +
      'not_allowed(...) not_joined(...) not_present(...) not_reaped(...) present(...) reaped(...) refusals(...) ' +
      'status(...) up(...) versions(...)',
    mine: 'get(...)',
    pillar: 'show_top(minion)',
    reactor: 'is_leader(...) list(...) status(...)',
    schedule: 'is_enabled(...) show_next_fire_time(...)',
    state:
      'orch_show_sls(mods:names;test,exclude;saltenv,pillarenv) orchestrate_show_sls(mods:names;test,exclude;saltenv,pillarenv)',
    sys: 'doc(...) list_functions(...)',
    test: 'arg(...) metasyntactic(...) raw_arg(...) sleep(...) stdout_print(...)',
  },
  wheel: {
    // Of the API: options that are no secret, and who is connected.
    config: 'values(...)',
    key: 'finger(...) finger_master(...) key_str(...) list(...) list_all(...) name_match(...)',
    minions: 'connected(...)',
  },
}

export const changingOnMaster: Grounds = {
  runner: {
    // Who may not start a job may not end it: that is asked with the job.
    jobs: 'kill(...)',
    cache: 'clear_all(...) clear_grains(...) clear_mine(...) clear_mine_func(...) clear_pillar(...)',
    fileserver: 'clear_cache(...) clear_file_list_cache(...) update(...)',
    mine: 'update(tgt,tgt_type,clear)',
    network: 'wol(...) wolmatch(...)',
    state:
      'orch(mods:names;test,exclude,attached;saltenv,pillarenv) orchestrate(mods:names;test,exclude,attached;saltenv,pillarenv) ' +
      'sls(mods:names;test,exclude,attached;saltenv,pillarenv)',
    survey: 'diff(...) hash(...)',
    // POST /hook/… of the API; what reacts to it is what the master's own configuration says.
    webhook: 'post(...)',
  },
  // Who is let in gets the pillar of that id: it is asked for by name, or as @wheel.
  wheel: {
    key: 'accept(...) accept_dict(...) delete(...) delete_dict(...) reject(...) reject_dict(...) revoke(...)',
  },
}

/** Acts of the API that go by the rules of runners and wheel functions, and are none. */
export const actsOfApi: Readonly<Record<'runner' | 'wheel', readonly string[]>> = {
  runner: ['webhook.post'],
  wheel: ['config.values', 'key.finger_master', 'key.revoke', 'minions.connected'],
}

/** For the test that compares with all of them. What the API asks as `key.make_token` and `auth.…` is root as well. */
export const rootOnMaster: Grounds = {
  runner: {
    cache: 'pillar',
    config: 'get reload',
    event: 'send',
    pillar: 'lint show_pillar why',
    reactor: 'add delete test',
    schedule: 'add delete disable disable_job enable enable_job list modify run_job',
  },
  wheel: {},
}
