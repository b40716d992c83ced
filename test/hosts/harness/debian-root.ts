/**
 * The Debian root that every host starts from, and a local repository with the packages that the tests install.
 * Made once by mmdebstrap (about a minute), kept under the cache folder, keyed by this recipe.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, pause } from './shell.ts'

const inRoot =
  'systemd,systemd-sysv,dbus,iproute2,ca-certificates,procps,libstdc++6,libatomic1,python3-minimal,cron,logrotate,adduser'
/** Installed by tests from the local repository, so that no host needs a way out. */
const inRepository = [
  'redis-server nginx nginx-light postgresql memcached python3 sudo tree git apache2 apache2-utils',
  'mariadb-server rabbitmq-server supervisor iptables nftables ufw firewalld lvm2 xfsprogs e2fsprogs dosfstools',
  'attr acl at locales debconf-utils kmod python3-venv python3-pip python3-setuptools virtualenv ruby',
  'openssh-client openssh-server gnupg xz-utils bzip2 unzip patch rsync openssl prometheus-node-exporter',
  'dnf rpm createrepo-c zypper postfix curl rsyslog pgbouncer sasl2-bin',
].join(' ')

/** What cannot be installed beside the rest, so it is fetched apart. */
const inRepositoryApart = 'dnf-plugins-core'

export const cacheFolder = process.env['TSALT_HOSTS_DIR'] ?? '/var/tmp/tsalt-hosts'

export interface DebianRoot {
  readonly root: string
  readonly repository: string
}

export async function debianRoot(): Promise<DebianRoot> {
  const key = createHash('sha256')
    .update(`5 bookworm ${inRoot} ${inRepository} ${inRepositoryApart}`)
    .digest('hex')
    .slice(0, 12)
  const folder = join(cacheFolder, `debian-${key}`)
  const made = { root: join(folder, 'root'), repository: join(folder, 'repository') }
  if (existsSync(join(folder, 'complete'))) return made
  return alone(`${folder}.lock`, async () => {
    if (!existsSync(join(folder, 'complete'))) await build(folder, made)
    return made
  })
}

/** Two runs may want the same root at the same time: one makes it, the other waits. */
async function alone<Result>(lock: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(cacheFolder, { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch {
      if (!isHeld(lock)) rmSync(lock, { force: true })
      await pause(500)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isHeld(lock: string): boolean {
  try {
    return existsSync(`/proc/${readFileSync(lock, 'utf8').trim()}`)
  } catch {
    // It was given back in this moment.
    return true
  }
}

async function build(folder: string, made: DebianRoot): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(made.repository, { recursive: true })
  const download = [inRepository, inRepositoryApart]
    .map((names) => `chroot "$1" apt-get -y --no-install-recommends --download-only install ${names}`)
    .join(' && ')
  await must(
    `mmdebstrap --quiet --variant=minbase --include=${inRoot} --skip=cleanup/apt \
      --customize-hook='${download}' \
      --customize-hook='cp "$1"/var/cache/apt/archives/*.deb ${made.repository}/' \
      --customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb' \
      bookworm ${made.root}`,
  )
  await must(
    `cd ${made.repository} && dpkg-scanpackages -m . > Packages 2>/dev/null && rm -rf ${made.root}/var/lib/apt/lists/*`,
  )
  await must(`rm -f ${made.root}/etc/apt/sources.list ${made.root}/etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/srv/repository ./' > ${made.root}/etc/apt/sources.list
    : > ${made.root}/etc/machine-id; touch ${folder}/complete`)
}

/**
 * A tiny package in a given version, made with dpkg-deb, added to a repository folder.
 * @param scripts `postinst` and its like
 */
export async function makePackage(
  repository: string,
  name: string,
  version: string,
  files: Readonly<Record<string, string>> = {},
  scripts: Readonly<Record<string, string>> = {},
): Promise<void> {
  const staging = join(repository, `.staging-${name}-${version}`)
  mkdirSync(join(staging, 'DEBIAN'), { recursive: true })
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: tests\nDescription: a package for tests\n`
  await must(`cat > ${staging}/DEBIAN/control`, control)
  for (const [path, content] of Object.entries({ [`/usr/share/${name}/version`]: version, ...files })) {
    await must(`mkdir -p "$(dirname ${staging}${path})" && cat > ${staging}${path}`, content)
  }
  for (const [script, content] of Object.entries(scripts))
    await must(`cat > ${staging}/DEBIAN/${script} && chmod 755 ${staging}/DEBIAN/${script}`, content)
  const file = `${name}_${version}_all.deb`
  // Only what is new is added to the list: to read hundreds of packages again takes many seconds.
  await must(`cd ${repository}; dpkg-deb --root-owner-group --build ${staging} ${file} >/dev/null; rm -rf ${staging}
    { dpkg-deb -f ${file}; echo 'Filename: ./${file}'; stat -c 'Size: %s' ${file}
      sha256sum ${file} | sed 's/^/SHA256: /; s/  .*//'; echo; } >> Packages`)
}
