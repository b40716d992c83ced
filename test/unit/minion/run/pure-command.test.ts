import { describe, expect, test } from 'vitest'
import { isPureCommand } from '../../../../minion/run/pure-command.ts'

describe('guards that a dry run may execute', () => {
  test.each([
    'test -e /etc/nginx/nginx.conf',
    '[ -f /x ] && [ -d "/y z" ]',
    "grep -q '^root:' /etc/passwd",
    'which nginx > /dev/null 2>&1',
    'dpkg -s nginx 2>/dev/null | grep -q installed',
    'systemctl is-active --quiet nginx',
    '! test -e /x',
    '/usr/bin/test -e /x',
    'getent passwd app || false',
    'true',
  ])('%s', (command) => expect(isPureCommand(command)).toBe(true))

  test.each([
    'touch /tmp/x',
    'test -e /x; rm -rf /y',
    'test -e $(rm -rf /y)',
    'test -e `rm /y`',
    'echo x > /etc/passwd',
    'echo x >> /etc/passwd',
    'grep -q "$(id)" /x',
    'cat /x | tee /y',
    'true & rm /y',
    'true\nrm /y',
    'systemctl restart nginx',
    'dpkg -i x.deb',
    'find / -delete',
    'psql -c "DROP TABLE x"',
    'test -e /x && touch /y',
    'command rm /x',
    'git clean -fd',
    'sort -o /etc/passwd /x',
    'hostname evil',
    'ip link set eth0 down',
    'uniq a b',
    'printf x >/etc/motd',
    '',
    'FOO=1 rm /x',
    'exec rm /x',
  ])('not %j', (command) => expect(isPureCommand(command)).toBe(false))
})
