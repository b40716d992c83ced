/**
 * Execution functions that are root on a minion by their nature, so that a test tells a new one that nobody has looked
 * at from one that was. For the decision this table is not needed: what is not plain is root.
 */
export const rootFunctions: Readonly<Record<string, string>> = {
  acl: 'delfacl getfacl modfacl wipefacls',
  aliases: 'rm_alias set_target',
  alternatives: 'auto install remove set',
  archive: 'bunzip2 bzip2 cmd_unzip gunzip gzip is_encrypted list tar unxz unzip xz zip',
  at: 'at atc atq atrm jobcheck',
  beacons:
    'add delete disable disable_beacon enable enable_beacon list list_available modify reset save status validate',
  cmd: 'exec_code exec_code_all has_exec retcode run run_all run_bg run_stderr run_stdout script script_retcode shell shells tty which which_bin',
  config: 'items',
  cp: 'cache_dir cache_file cache_files cache_local_file get_dir get_file get_file_str get_template get_url hash_file is_cached push push_dir stat_file',
  cron: 'get_entry list_tab ls raw_cron rm rm_env rm_job rm_special set_env set_job set_special',
  debconf: 'get_selections set set_ set_file show',
  disk: 'blkid fstype',
  docker: 'inspect logs pull',
  environ: 'get has_value item items',
  event: 'fire fire_master send',
  file: 'access append blockreplace check_hash chgrp chown comment contains contains_regex copy delete_backup diskusage find get_hash get_sum grep is_bin_file is_empty is_hardlink is_text_file lchown line link list_backups list_backups_dir list_files lstat makedirs mkdir move patch path_exists_glob prepend read readdir readlink remove remove_backup rename replace restore_backup rmdir search seek_read seek_write set_mode statvfs symlink touch truncate uncomment write',
  gem: 'install uninstall',
  git: 'add branch checkout clone commit config_get config_set current_branch describe diff fetch init is_worktree list_branches list_tags ls_remote merge pull push remote_get remote_set remotes reset revision status',
  grains: 'append delkey delval remove set setval setvals',
  group: 'add adduser chgid delete deluser members',
  hashutil: 'base64_decodefile base64_encodefile digest_file',
  hosts: 'add_host rm_host set_host',
  http: 'query',
  ini: 'get_ini get_option get_section remove_option remove_section set_option',
  iptables: 'check check_chain',
  kmod: 'load remove',
  locale: 'gen_locale set_locale',
  lowpkg: 'owner',
  match: 'compound filter_by pillar pillar_pcre search_by',
  mine: 'delete flush send',
  mount: 'mount remount rm_fstab set_fstab swapoff swapon umount',
  mysql:
    'alter_db db_check db_create db_exists db_get db_list db_optimize db_remove db_repair db_tables file_query get_master_status get_slave_status grant_add grant_exists grant_revoke plugins_list processlist query quote_identifier showglobal showvariables status user_chpass user_create user_exists user_grants user_info user_list user_remove version',
  network: 'connect dns_check mod_hostname',
  nftables: 'check_chain check_table',
  npm: 'install list uninstall',
  pillar: 'file_exists',
  pip: 'install list_upgrades uninstall',
  pkg: 'del_repo download mod_repo',
  postgres:
    'available_extensions create_extension db_create db_exists db_list db_remove drop_extension get_max_connections group_create group_remove installed_extensions is_available_extension is_installed_extension language_exists language_list privileges_grant privileges_revoke psql_query role_get schema_create schema_exists schema_get schema_list schema_remove tablespace_create tablespace_exists tablespace_list tablespace_remove user_create user_exists user_list user_remove user_update version',
  ps: 'disk_usage kill_pid pkill proc_info psaux',
  rabbitmq:
    'add_user add_vhost change_password check_password clear_password cluster_status delete_policy delete_user delete_vhost disable_plugin enable_plugin force_reset list_available_plugins list_enabled_plugins list_permissions list_policies list_queues list_user_permissions list_users list_vhosts policy_exists reset set_permissions set_policy set_user_tags start_app status stop_app user_exists vhost_exists',
  redis:
    'bgrewriteaof bgsave config_get config_set dbsize delete exists expire expireat flushall flushdb get_key get_master_ip hdel hexists hget hgetall hset info key_type keys lastsave llen lrange ping save sentinel_get_master_ip set_key slaveof smembers time ttl zcard zrange',
  saltutil:
    'clear_cache clear_job_cache cmd cmd_iter find_cached_job kill_all_jobs kill_job mmodule refresh_beacons regen_keys revoke_auth runner signal_job sync_beacons sync_clouds sync_engines sync_executors sync_log_handlers sync_matchers sync_output sync_outputters sync_pillar sync_proxymodules sync_renderers sync_returners sync_sdb sync_serializers sync_thorium sync_tops sync_utils sync_wrapper term_all_jobs term_job update wheel',
  schedule: 'add delete disable disable_job enable enable_job list modify purge run_job save',
  service: 'show',
  shadow:
    'del_password gen_password info lock_password set_date set_expire set_inactdays set_maxdays set_mindays set_password set_warndays unlock_password',
  slsutil: 'deserialize merge_all renderer serialize',
  ssh: 'get_known_host_entries recv_known_host_entries rm_auth_key rm_known_host set_auth_key set_known_host',
  state:
    'check_request clear_cache clear_request disable enable event high low orchestrate pkg reconcile_procs request run_request single template template_str top',
  supervisord: 'add remove reread update',
  sysctl: 'assign persist show',
  system: 'init set_computer_desc set_system_date set_system_time',
  test: 'conf_test get_opts',
  timezone: 'set_hwclock set_zone',
  undo: 'job',
  user: 'add chfullname chgid chgroups chhome chhomephone chother chroomnumber chshell chuid chworkphone delete',
  virtualenv:
    'create get_distribution_path get_resource_content get_resource_path get_site_packages virtualenv_ver',
}
