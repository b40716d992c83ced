/** Every state module by its name in SLS files. A test compares this list with the folder. */

import { acl } from './acl/acl.ts'
import { alias } from './alias.ts'
import { alternatives } from './alternatives.ts'
import { apache } from './apache/apache.ts'
import { apacheConf } from './apache-conf.ts'
import { apacheModule } from './apache-module.ts'
import { apacheSite } from './apache-site.ts'
import { archive } from './archive/archive.ts'
import { at } from './at/at.ts'
import { beacon } from './beacon.ts'
import { blockdev } from './blockdev.ts'
import { cmd } from './cmd/cmd.ts'
import type { StateModule } from './contract.ts'
import { cron } from './cron/cron.ts'
import { debconf } from './debconf/debconf.ts'
import { dockerContainer } from './docker-container.ts'
import { dockerImage } from './docker-image.ts'
import { dockerNetwork } from './docker-network.ts'
import { dockerVolume } from './docker-volume.ts'
import { environ } from './environ.ts'
import { event } from './event.ts'
import { file } from './file/file.ts'
import { firewalld } from './firewalld/firewalld.ts'
import { gem } from './gem/gem.ts'
import { git } from './git/git.ts'
import { grains } from './grains.ts'
import { group } from './group.ts'
import { host } from './host/host.ts'
import { http } from './http.ts'
import { ini } from './ini/ini.ts'
import { iptables } from './iptables/iptables.ts'
import { kmod } from './kmod.ts'
import { locale } from './locale.ts'
import { lvm } from './lvm/lvm.ts'
import { module } from './module.ts'
import { mount } from './mount/mount.ts'
import { mysqlDatabase } from './mysql-database.ts'
import { mysqlGrants } from './mysql-grants.ts'
import { mysqlQuery } from './mysql-query.ts'
import { mysqlUser } from './mysql-user.ts'
import { network } from './network/network.ts'
import { nftables } from './nftables/nftables.ts'
import { npm } from './npm/npm.ts'
import { pip } from './pip/pip.ts'
import { pkg } from './pkg/pkg.ts'
import { pkgrepo } from './pkgrepo/pkgrepo.ts'
import { postgresCluster } from './postgres-cluster.ts'
import { postgresDatabase } from './postgres-database.ts'
import { postgresExtension } from './postgres-extension.ts'
import { postgresGroup } from './postgres-group.ts'
import { postgresInitdb } from './postgres-initdb.ts'
import { postgresLanguage } from './postgres-language.ts'
import { postgresPrivileges } from './postgres-privileges.ts'
import { postgresSchema } from './postgres-schema.ts'
import { postgresTablespace } from './postgres-tablespace.ts'
import { postgresUser } from './postgres-user.ts'
import { rabbitmqPlugin } from './rabbitmq-plugin.ts'
import { rabbitmqPolicy } from './rabbitmq-policy.ts'
import { rabbitmqUser } from './rabbitmq-user.ts'
import { rabbitmqVhost } from './rabbitmq-vhost.ts'
import { redis } from './redis.ts'
import { schedule } from './schedule.ts'
import { selinux } from './selinux/selinux.ts'
import { service } from './service/service.ts'
import { sshAuth } from './ssh-auth.ts'
import { sshKnownHosts } from './ssh-known-hosts/ssh-known-hosts.ts'
import { supervisord } from './supervisord/supervisord.ts'
import { sysctl } from './sysctl.ts'
import { systemd } from './systemd/systemd.ts'
import { test } from './test.ts'
import { timezone } from './timezone.ts'
import { ufw } from './ufw/ufw.ts'
import { user } from './user/user.ts'
import { virtualenv } from './virtualenv/virtualenv.ts'
import { webutil } from './webutil.ts'
import { x509 } from './x509/x509.ts'

export const stateModules: Readonly<Record<string, StateModule>> = {
  acl,
  alias,
  alternatives,
  apache,
  apache_conf: apacheConf,
  apache_module: apacheModule,
  apache_site: apacheSite,
  archive,
  at,
  cmd,
  cron,
  debconf,
  docker_container: dockerContainer,
  docker_image: dockerImage,
  docker_network: dockerNetwork,
  docker_volume: dockerVolume,
  environ,
  event,
  file,
  firewalld,
  gem,
  git,
  grains,
  group,
  host,
  http,
  ini,
  iptables,
  kmod,
  locale,
  module,
  mount,
  mysql_database: mysqlDatabase,
  mysql_grants: mysqlGrants,
  mysql_query: mysqlQuery,
  mysql_user: mysqlUser,
  network,
  nftables,
  npm,
  pip,
  pkg,
  pkgrepo,
  postgres_cluster: postgresCluster,
  postgres_database: postgresDatabase,
  postgres_extension: postgresExtension,
  postgres_group: postgresGroup,
  postgres_initdb: postgresInitdb,
  postgres_language: postgresLanguage,
  postgres_privileges: postgresPrivileges,
  postgres_schema: postgresSchema,
  postgres_tablespace: postgresTablespace,
  postgres_user: postgresUser,
  selinux,
  rabbitmq_plugin: rabbitmqPlugin,
  rabbitmq_policy: rabbitmqPolicy,
  rabbitmq_user: rabbitmqUser,
  rabbitmq_vhost: rabbitmqVhost,
  redis,
  schedule,
  service,
  ssh_auth: sshAuth,
  ssh_known_hosts: sshKnownHosts,
  supervisord,
  sysctl,
  systemd,
  test,
  timezone,
  ufw,
  user,
  virtualenv,
  webutil,
  x509,
  beacon,
  blockdev,
  lvm,
}
