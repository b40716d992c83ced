# A machine that is watched, in Salt's own dialect: figures for Prometheus, logs sent away, a door for those who ask.
include:
  - monitor.firewall

{% set monitor = pillar['monitor'] %}

# Figures of our own are collected by an account that may do nothing else.
monitor-account:
  user.present:
    - name: {{ monitor['user'] }}
    - system: True
    - home: {{ monitor['folder'] }}
    - createhome: False
    - shell: /usr/sbin/nologin
    - usergroup: True
  file.directory:
    - name: {{ monitor['folder'] }}
    - user: {{ monitor['user'] }}
    - mode: '0755'
    - require:
      - user: monitor-account

monitor-figures:
  file.managed:
    - name: /usr/local/bin/host-figures
    - source: salt://monitor/files/host-figures
    - template: jinja
    - mode: '0755'
  systemd.unit:
    - name: host-figures.service
    - sections:
        Unit: {Description: Figures of this host for Prometheus}
        Service:
          Type: oneshot
          User: {{ monitor['user'] }}
          ExecStart: /usr/local/bin/host-figures
    - require:
      - file: monitor-figures
      - file: monitor-account

monitor-timer:
  systemd.unit:
    - name: host-figures.timer
    - sections:
        Unit: {Description: Figures of this host for Prometheus}
        Timer: {OnCalendar: {{ monitor['every'] }}, AccuracySec: 5s, OnActiveSec: 0}
        Install: {WantedBy: timers.target}
    - enable: True
    - running: True
    - require:
      - systemd: monitor-figures

node-exporter:
  pkg.installed:
    - name: prometheus-node-exporter
  file.managed:
    - name: /etc/default/prometheus-node-exporter
    - contents: |
        # Managed by tsalt: states/monitor
        ARGS="--web.listen-address=:{{ monitor['port'] }} --collector.textfile.directory={{ monitor['folder'] }}"
    - require:
      - pkg: node-exporter
  service.running:
    - name: prometheus-node-exporter
    - enable: True
    - require:
      - nftables: monitor-firewall-others
    - watch:
      - file: node-exporter

# What would keep the shipper from starting never replaces what it runs with.
log-shipper:
  pkg.installed:
    - name: rsyslog
  file.managed:
    - name: /etc/rsyslog.d/60-ship.conf
    - source: salt://monitor/files/ship.conf
    - template: jinja
    - check_cmd: rsyslogd -N1 -f
    - require:
      - pkg: log-shipper
  service.running:
    - name: rsyslog
    - enable: True
    - watch:
      - file: log-shipper
