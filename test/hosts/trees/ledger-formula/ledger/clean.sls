{%- from 'ledger/map.jinja' import ledger with context %}

ledger-clean-service:
  service.dead:
    - name: {{ ledger.service.name }}
    - enable: False

ledger-clean-files:
  file.absent:
    - names:
      - /etc/ledger
      - /etc/systemd/system/{{ ledger.service.name }}.service
      - {{ ledger.root }}
    - require:
      - service: ledger-clean-service

ledger-clean-account:
  user.absent:
    - name: clerk
    - require:
      - service: ledger-clean-service
  group.absent:
    - name: clerk
    - require:
      - user: ledger-clean-account
