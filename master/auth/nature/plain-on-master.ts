/**
 * Which runners and wheel functions are not root on the master by their nature; written as in plain-functions.ts. What
 * they ask of minions in turn is asked in the name of who called them, and checked again.
 */
type Grounds = Readonly<Record<'runner' | 'wheel', Readonly<Record<string, string>>>>

export const lookOnMaster: Grounds = {
  runner: {
    cache: 'grains(...) mine(...)',
    config: 'get(...)',
    doc: 'execution(...) runner(...) wheel(...)',
    error: 'error(...)',
    fileserver:
      'clear_cache(...) clear_file_list_cache(...) dir_list(...) envs(...) file_list(...) update(...)',
    jobs: 'active(...) exit_success(...) last_run(...) list_job(...) list_jobs(...) lookup_jid(...) print_job(...)',
    manage:
      'alived(...) allowed(...) down(...) joined(...) list_not_state(...) list_state(...) not_alived(...) ' +
      'not_allowed(...) not_joined(...) not_present(...) not_reaped(...) present(...) reaped(...) status(...) ' +
      'up(...) versions(...)',
    mine: 'get(...)',
    pillar: 'show_top(minion)',
    reactor: 'is_leader(...) list(...) status(...)',
    survey: 'diff(...) hash(...)',
    sys: 'doc(...) list_functions(...)',
    test: 'arg(...) metasyntactic(...) raw_arg(...) sleep(...) stdout_print(...)',
  },
  wheel: {
    // Of the API: options that are no secret, and who is connected.
    config: 'values(...)',
    key: 'finger(...) finger_master(...) list(...) list_all(...) name_match(...)',
    minions: 'connected(...)',
  },
}

export const changingOnMaster: Grounds = {
  runner: {
    cache: 'clear_all(...) clear_grains(...) clear_mine(...) clear_mine_func(...) clear_pillar(...)',
    event: 'send(...)',
    mine: 'update(...)',
    state:
      'orch(mods:names;test,exclude,attached;saltenv,pillarenv) orchestrate(mods:names;test,exclude,attached;saltenv,pillarenv) ' +
      'sls(mods:names;test,exclude,attached;saltenv,pillarenv)',
    // POST /hook/… of the API; what reacts to it is what the master's own configuration says.
    webhook: 'post(...)',
  },
  // Who is let in gets the pillar of that id: it is asked for by name, or as @wheel.
  wheel: {
    key: 'accept(...) accept_dict(...) delete(...) delete_dict(...) reject(...) reject_dict(...) revoke(...)',
  },
}

/** For the test that compares with all of them. */
export const rootOnMaster: Grounds = {
  runner: { cache: 'pillar', pillar: 'lint show_pillar why', reactor: 'add delete test' },
  wheel: { key: 'make_token' },
}
