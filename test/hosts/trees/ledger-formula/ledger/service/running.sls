{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ '/map.jinja' import ledger with context %}

include:
  - ledger.config

ledger-service-unit:
  file.managed:
    - name: /etc/systemd/system/{{ ledger.service.name }}.service
    - source: salt://{{ tplroot }}/files/default/ledger.service
    - template: jinja
    - context:
        port: {{ ledger.port }}
        root: {{ ledger.root }}

ledger-service-running:
  service.running:
    - name: {{ ledger.service.name }}
    - enable: {{ ledger.service.enable }}
    - require:
      - sls: ledger.config.file
      - file: ledger-book-*
    - watch:
      - file: ledger-service-unit
