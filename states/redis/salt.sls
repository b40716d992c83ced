# The role "redis" once more, in Salt's own dialect: what init.yaml beside it does, as a Salt tree would say it.
# A minion gets one of the two: `redis` or `redis.salt`.
{% from slspath ~ '/map.jinja' import redis with context %}

redis-packages:
  pkg.latest:
    - pkgs: {{ redis['pkgs'] | json }}

redis-config:
  file.managed:
    - name: {{ redis['conf'] }}
    - source: salt://{{ slspath }}/files/redis.conf.j2
    - template: jinja
    - user: {{ redis['user'] }}
    - group: {{ redis['group'] }}
    - mode: '0640'
    - context:
        bind: {{ redis['bind_addrs'] | join(' ') }}
        port: {{ redis['port'] }}
    - require:
      - pkg: redis-packages

redis-service:
  service.running:
    - name: {{ redis['service'] }}
    - enable: True
    - require:
      - pkg: redis-packages
    - watch:
      - file: redis-config
