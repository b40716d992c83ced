/** Arguments of pkgrepo.managed: those of apt, of yum and dnf, and what both have. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList, textList } from '../../../shared/schema/collections.ts'
import { inOneLine } from '../../../shared/schema/in-one-line.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import { keyIds } from './key-id.ts'

export const managedArguments = v.strictObject({
  name: needed(
    nonEmptyText,
    'On Debian the line of apt: `deb URI SUITE COMPONENTS`; elsewhere the id of the repository.',
  ),
  humanname: optional(inOneLine(text), 'What people call it; default: the name.'),
  disabled: optional(flag, 'True: kept in the configuration, but not used.'),
  enabled: optional(flag, 'The contrary of disabled.'),
  refresh: optional(flag, 'False: do not fetch the lists of packages after a change.'),
  refresh_db: optional(flag, 'Older name of refresh.'),
  file: optional(
    absolutePath,
    'apt: the file; `.sources` is written in paragraphs (deb822). Default: where the repository is, else `/etc/apt/sources.list`.',
  ),
  dist: optional(inOneLine(text), 'apt: another suite than the one in the line.'),
  comps: optional(inOneLine(nameList), 'apt: other components than those in the line.'),
  architectures: optional(inOneLine(nameList), 'apt: architectures.'),
  architecture: optional(inOneLine(nameList), 'The same.'),
  signedby: optional(
    absolutePath,
    'apt: key ring that signs it. Default with a key: `/etc/apt/keyrings/NAME.gpg`.',
  ),
  key_url: optional(text, 'The key: `salt://PATH`, a path, or a URL.'),
  key_text: optional(text, 'The key itself, in armour.'),
  keyid: optional(keyIds, 'apt: id of the key at the keyserver.'),
  keyserver: optional(inOneLine(text), 'apt: where keyid is asked for; default `keyserver.ubuntu.com`.'),
  aptkey: optional(flag, 'Accepted for trees of Salt; keys are always in a key ring of their own.'),
  allow_insecure_key: defaulted(flag, true, 'False: refuse a key from a URL without TLS.'),
  trusted: optional(flag, 'apt: True uses the repository without a signature.'),
  clean_file: defaulted(flag, false, 'apt: nothing else stays in the file.'),
  consolidate: defaulted(flag, false, 'Accepted for trees of Salt; the repository stays in its file.'),
  ppa: optional(inOneLine(text), 'Ubuntu: `USER/NAME` at Launchpad instead of a line.'),
  baseurl: optional(inOneLine(text), 'yum: address.'),
  mirrorlist: optional(inOneLine(text), 'yum: address of a list of mirrors.'),
  metalink: optional(inOneLine(text), 'yum: address of a metalink.'),
  gpgcheck: optional(flag, 'yum: check signatures of packages.'),
  repo_gpgcheck: optional(flag, 'yum: check the signature of the repository.'),
  gpgkey: optional(inOneLine(text), 'yum: address of the key.'),
  gpgautoimport: optional(flag, 'Accepted for trees of Salt (zypper).'),
  priority: optional(whole, 'yum: priority.'),
  cost: optional(whole, 'yum: cost.'),
  exclude: optional(inOneLine(textList), 'yum: packages that are not taken from it.'),
  includepkgs: optional(inOneLine(textList), 'yum: the only packages that are taken from it.'),
  metadata_expire: optional(inOneLine(text), 'yum: how long its lists are used.'),
  failovermethod: optional(inOneLine(text), 'yum: `priority` or `roundrobin`.'),
  skip_if_unavailable: optional(flag, 'yum: go on where it cannot be reached.'),
  module_hotfixes: optional(flag, 'yum: do not filter by modules.'),
  sslverify: optional(flag, 'yum: check the certificate.'),
  sslcacert: optional(inOneLine(text), 'yum: file with authorities.'),
  sslclientcert: optional(inOneLine(text), 'yum: certificate.'),
  sslclientkey: optional(inOneLine(text), 'yum: key of the certificate.'),
  username: optional(inOneLine(text), 'yum: user name.'),
  password: optional(inOneLine(text), 'yum: password.'),
  proxy: optional(inOneLine(text), 'yum: proxy.'),
  copr: optional(inOneLine(text), 'Fedora and its relatives: `USER/PROJECT` of Copr instead of an address.'),
  type: optional(inOneLine(text), 'Of a repository for zypper: `rpm-md`, `yast2`, ….'),
  autorefresh: optional(flag, 'zypper: fetch its lists by itself.'),
  keeppackages: optional(flag, 'zypper: keep package files.'),
})
export type ManagedArguments = v.InferOutput<typeof managedArguments>

export const absentArguments = v.strictObject({
  name: needed(nonEmptyText, 'On Debian the line of apt; elsewhere the id of the repository.'),
  ppa: optional(text, 'Ubuntu: `USER/NAME` at Launchpad instead of a line.'),
  file: optional(absolutePath, 'Accepted for trees of Salt; the repository is removed wherever it is.'),
  keyid: optional(keyIds, 'apt: remove the key ring that the line names, too.'),
  keyid_ppa: optional(flag, 'The same for a ppa.'),
  refresh: optional(flag, 'False: do not fetch the lists of packages after a change.'),
})
export type AbsentArguments = v.InferOutput<typeof absentArguments>

export const isDisabled = ({ disabled, enabled }: ManagedArguments): boolean => disabled ?? enabled === false
