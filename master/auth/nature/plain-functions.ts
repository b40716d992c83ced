/**
 * Which execution functions are not root on a minion by their nature. Whatever is in neither table is: functions that
 * write files, run commands, read files of any name, render what they are given, make accounts, keys, cron entries,
 * schedules; functions of trees too, for nobody knows what they do. A test compares the tables with all functions.
 *
 * Each name has the arguments that leave it harmless: `name(by,position;by name only;only where a rule names them)`.
 * With any other argument it is root. `:word`: each value is one word, without slash and not like an option.
 * `:names`: names by comma or in a list. `...`: whatever it takes.
 */

/** They only look, and at nothing secret beyond what a rule with their name means to show. */
export const lookFunctions: Readonly<Record<string, string>> = {
  aliases: 'get_target(alias) has_target(alias,target) list_aliases()',
  alternatives:
    'check_exists(name:word) check_installed(name:word) display(name:word) show_current(name:word) show_link(name:word)',
  apache:
    'check_conf_enabled(name:word) check_mod_enabled(name:word) check_site_enabled(name:word) modules() version()',
  config: 'get(key,default,delimiter) option(value,default)',
  cp: 'list_master(saltenv,prefix) list_master_dirs(saltenv,prefix) list_minion(saltenv) list_states(saltenv,prefix)',
  defaults:
    'deepcopy(source) merge(dest,src,merge_lists,in_place,convert_none) update(dest,defaults,merge_lists,in_place,convert_none)',
  dig: 'A(host:word) AAAA(host:word) CNAME(host:word) MX(host:word) NS(host:word) PTR(host:word) SRV(host:word) TXT(host:word)',
  disk: 'inodeusage() iostat() percent() usage()',
  dnsutil: 'A(host:word) AAAA(host:word) MX(host:word) NS(host:word)',
  docker: 'exists(name:word) images() list_containers() ps(all) version()',
  file:
    'basename(path) directory_exists(path) dirname(path) file_exists(path) get_gid(path) get_group(path) get_mode(path) ' +
    'get_uid(path) get_user(path) gid_to_group(gid) group_to_gid(group:word) is_blkdev(path) is_chrdev(path) is_fifo(path) ' +
    'is_link(path) join(...) normpath(path) pardir() stats(path) uid_to_user(uid) user_to_uid(user:word)',
  gem: 'list(prefix:word) version()',
  git: 'version()',
  grains:
    'equals(key,value) fetch(key,default,delimiter) filter_by(lookup_dict,grain,merge,default,base) get(key,default,delimiter) ' +
    'has_value(key) item(...) items() ls()',
  group: 'getent() info(name:word)',
  hashutil:
    'base64_b64decode(instr) base64_b64encode(instr) base64_decodestring(instr) base64_encodestring(instr) digest(instr,checksum) ' +
    'github_signature(string,shared_secret,challenge_hmac) hmac_compute(string,shared_secret) ' +
    'hmac_signature(string,shared_secret,challenge_hmac) md5_digest(instr) sha256_digest(instr) sha512_digest(instr)',
  hosts: 'get_alias(ip) get_ip(host) has_pair(ip,alias) list_hosts()',
  iptables: 'get_policy(table:word,chain:word,family:word) get_rules(family:word) version()',
  key: 'finger() finger_master()',
  kmod: 'available() is_loaded(mod:word) lsmod() mod_list(only_persist)',
  locale: 'avail(locale:word) get_locale() list_avail()',
  lowpkg: 'file_dict(names:word) file_list(names:word) info(names:word) list_pkgs(names:word)',
  match:
    'glob(tgt,minion_id) grain(tgt,delimiter) grain_pcre(tgt,delimiter) ipcidr(tgt) list(tgt,minion_id) pcre(tgt,minion_id)',
  mine: 'get(tgt,fun,tgt_type,exclude_minion) valid()',
  mount: 'active() fstab() is_mounted(name) swaps() vfstab()',
  network:
    'active_tcp() arp() calc_net(ip_addr,netmask) default_interface() default_route(family) get_fqdn() get_hostname() ' +
    'get_route(ip:word) hw_addr(iface:word) hwaddr(iface:word) ifacestartswith(cidr) in_subnet(cidr) interface(iface:word) ' +
    'interface_ip(iface:word) interfaces() ip_addrs(interface,include_loopback,cidr,type) ' +
    'ip_addrs6(interface,include_loopback,cidr,type) ip_in_subnet(ip_addr,cidr) ipaddrs(interface,include_loopback,cidr,type) ' +
    'ipaddrs6(interface,include_loopback,cidr,type) iphexval(ip) is_loopback(ip_addr) is_private(ip_addr) netstat() ' +
    'ping(host:word,timeout,return_boolean) routes(family) subnets(interfaces) subnets6(interfaces)',
  nftables: 'get_rules(family:word) version()',
  pillar:
    'fetch(key,default,merge,merge_nested_lists,delimiter) get(key,default,merge,merge_nested_lists,delimiter) ' +
    'item(keys,default,delimiter) items(keys) keys(key,delimiter) ls() obfuscate(keys) raw(key)',
  pip: 'freeze() is_installed(pkgname:word) list(prefix:word) version()',
  pkg:
    'file_dict(names:word) file_list(names:word) get_holds() get_repo(repo) info_installed(names:word) ' +
    'latest_version(names:word) list_downloaded() list_holds() list_pkgs(versions_as_list,removed,purge_desired) ' +
    'list_repo_pkgs(names:word) list_repos() list_upgrades(refresh) owner(paths) upgrade_available(name:word) ' +
    'version(names:word) version_cmp(pkg1,pkg2,ignore_epoch)',
  ps:
    'boot_time(time_format) cpu_percent(interval,per_cpu) cpu_times(per_cpu) get_pid_list() num_cpus() ' +
    'pgrep(pattern,user,full) swap_memory() top(num_processes,interval) total_physical_memory() virtual_memory()',
  random:
    'get_str(length,chars,lowercase,uppercase,digits,punctuation,whitespace,printable) hash(value,algorithm) ' +
    'rand_int(start,end,seed) sample(value,size,seed) seed(range,hash) shuffle(value,seed) str_encode(value,encoder)',
  saltutil: 'find_job(jid) is_running(fun) running()',
  schedule: 'is_enabled(name) show_next_fire_time(name)',
  service:
    'available(name:word) disabled(name:word) enabled(name:word) execs() get_all() get_disabled() get_enabled() ' +
    'get_running() get_static() masked(name:word) missing(name:word) status(name:word,sig)',
  shadow: 'default_hash() list_users()',
  slsutil:
    'boolstr(value,true,false) dir_exists(path) file_exists(path) merge(obj_a,obj_b,strategy) path_exists(path) ' +
    'update(dest,upd,recursive_update,merge_lists)',
  ssh: 'auth_keys(user:word)',
  state:
    'id_exists(ids:names,mods:names;salt_compat;saltenv,pillarenv) list_disabled() running() ' +
    'show_highstate(;queue,salt_compat;saltenv,pillarenv) show_low_sls(mods:names;queue,salt_compat;saltenv,pillarenv) ' +
    'show_lowstate(;queue,salt_compat;saltenv,pillarenv) show_sls(mods:names;queue,salt_compat;saltenv,pillarenv) ' +
    'show_state_usage(;queue,salt_compat;saltenv,pillarenv) show_states(;queue,salt_compat;saltenv,pillarenv) ' +
    'show_top(;queue,salt_compat;saltenv,pillarenv) sls_exists(mods:names;salt_compat;saltenv,pillarenv) ' +
    'graph(mods:names;queue,salt_compat;saltenv,pillarenv) ' +
    'test(mods:names;test,exclude,queue,concurrent,mock,terse,salt_compat;saltenv,pillarenv)',
  status:
    'all_status() cpuinfo() cpustats() diskstats() diskusage() loadavg() meminfo(human) netdev() netstats() nproc() ' +
    'pid(sig) procs() time(format) uptime() version() vmstats() w()',
  supervisord: 'status()',
  sys:
    'argspec(...) doc(...) list_functions(...) list_modules(...) list_state_functions(...) list_state_modules(...) ' +
    'state_argspec(...) state_doc(...)',
  sysctl: 'default_config() get(name:word)',
  system:
    'get_computer_desc() get_computer_name() get_reboot_required_witnessed() get_system_date(utc_offset) ' +
    'get_system_date_time(utc_offset) get_system_time(utc_offset)',
  test:
    'arg(...) arg_type(...) assertion(assertion) collatz(start) echo(text) exception(message) false() fib(num) ' +
    'kwarg(...) not_loaded() ping() provider(module) rand_sleep(max) rand_str(size,hash_type) ' +
    'random_hash(size,hash_type) retcode(code) sleep(length) true() version() versions_report()',
  timezone: 'get_hwclock() get_offset() get_zone() get_zonecode() zone_compare(timezone)',
  undo: 'list()',
  user: 'getent() info(name:word) list_groups(name:word) list_users() primary_group(name:word)',
}

/** They change something, and only what their names say, out of what the master or the system's own sources hold. */
export const changingFunctions: Readonly<Record<string, string>> = {
  apache:
    'a2disconf(name:word) a2dismod(name:word) a2dissite(name:word) a2enconf(name:word) a2enmod(name:word) ' +
    'a2ensite(name:word) configtest()',
  docker: 'pause(name:word) restart(name:word) start(name:word) stop(name:word) unpause(name:word)',
  log: 'critical(message) debug(message) error(message) exception(message) info(message) warning(message)',
  mine: 'update(clear)',
  pkg:
    'autoremove() hold(name:word,pkgs:word) install(name:word,pkgs:word;version:word,refresh) purge(name:word,pkgs:word) ' +
    'refresh_db() remove(name:word,pkgs:word) unhold(name:word,pkgs:word) upgrade(;refresh,dist_upgrade,pkgs:word)',
  saltutil:
    'pillar_refresh() refresh_grains() refresh_matchers(async) refresh_modules(async) refresh_pillar() ' +
    'sync_all(;refresh) sync_grains(;refresh) sync_modules(;refresh) sync_states(;refresh)',
  schedule: 'reload()',
  service:
    'disable(name:word,no_block) enable(name:word,no_block) force_reload(name:word) mask(name:word,runtime) ' +
    'reload(name:word,no_block) restart(name:word,no_block) start(name:word,no_block) stop(name:word,no_block) ' +
    'systemctl_reload() unmask(name:word,runtime)',
  state:
    'apply(mods:names;test,exclude,queue,concurrent,mock,terse,salt_compat;saltenv,pillarenv) ' +
    'highstate(;test,exclude,queue,concurrent,mock,terse,salt_compat,whitelist:names;saltenv,pillarenv) ' +
    'sls(mods:names;test,exclude,queue,concurrent,mock,terse,salt_compat;saltenv,pillarenv) ' +
    'sls_id(id,mods:names;test,exclude,queue,concurrent,mock,terse,salt_compat;saltenv,pillarenv) ' +
    'pause(jid,state_id,duration) resume(jid,state_id) soft_kill(jid,state_id)',
  supervisord: 'restart(name:word) start(name:word) stop(name:word)',
  system: 'halt() poweroff() reboot(at_time) shutdown(at_time)',
}

/** Whose `test=True` is a dry run. */
export const dryRunFunctions: ReadonlySet<string> = new Set([
  'state.apply',
  'state.highstate',
  'state.sls',
  'state.sls_id',
  'state.single',
])
