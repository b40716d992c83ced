# A documentation site in Salt's own dialect: pages behind Apache, a database and a cache beside it, jobs of cron, backups.
include:
  - apache
  - mariadb
  - memcached

{% set docs = pillar['docs'] %}
{% set backups = docs['backups'] %}

docs-pages:
  file.recurse:
    - name: {{ docs['folder'] }}
    - source: salt://docs/files/pages
    - clean: True
    - file_mode: '0644'
    - dir_mode: '0755'

# Where the programs of the site find database and cache.
docs-settings:
  file.serialize:
    - name: /etc/docs.json
    - serializer: json
    - user: root
    - group: www-data
    - mode: '0640'
    - dataset:
        database:
          name: docs
          user: {{ pillar['mariadb']['databases']['docs']['user'] }}
          password: {{ pillar['mariadb']['databases']['docs']['password'] | json }}
        cache: {{ pillar['memcached']['listen'] }}:{{ pillar['memcached']['port'] }}
    - require:
      - pkg: apache2

docs-site:
  file.managed:
    - name: /etc/apache2/sites-available/docs.conf
    - source: salt://docs/files/site.conf
    - template: jinja
    - require:
      - pkg: apache2
      - file: docs-pages
    - watch_in:
      - service: apache2
  apache_site.enabled:
    - name: docs
    - require:
      - file: docs-site
    - watch_in:
      - service: apache2

docs-programs:
  file.managed:
    - names:
      - /usr/local/sbin/backup-docs:
        - source: salt://docs/files/backup-docs
      - /usr/local/bin/check-docs:
        - source: salt://docs/files/check-docs
    - template: jinja
    - mode: '0755'

docs-backups:
  file.directory:
    - name: {{ backups['folder'] }}
    - mode: '0700'

docs-backups-kept:
  file.retention_schedule:
    - name: {{ backups['folder'] }}
    - strptime_format: docs-%Y-%m-%d-%H%M%S.sql.gz
    - retain: {{ backups['retain'] | json }}
    - require:
      - file: docs-backups

docs-mail:
  cron.env_present:
    - name: MAILTO
    - value: {{ docs['mail'] }}

docs-cron:
  cron.present:
    - names:
      - /usr/local/sbin/backup-docs:
        - identifier: docs-backup
        - minute: random
        - hour: {{ backups['hour'] }}
      - /usr/local/bin/check-docs:
        - identifier: docs-check
        - minute: random
        - hour: 6
        - dayweek: 1
    - require:
      - file: docs-programs
      - file: docs-backups
