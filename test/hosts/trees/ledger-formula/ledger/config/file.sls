{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ '/map.jinja' import ledger with context %}
{%- from tplroot ~ '/libswitch.jinja' import files_switch with context %}
{%- set sls_package = tplroot ~ '.package' %}

include:
  - {{ sls_package }}

ledger-config-file:
  file.managed:
    - name: /etc/ledger/ledger.ini
    - source:
      {{ files_switch(['ledger.ini.jinja']) }}
    - mode: 644
    - user: root
    - group: {{ ledger.group }}
    - makedirs: True
    - template: jinja
    - require:
      - sls: {{ sls_package }}
    - context:
        ledger: {{ ledger | json }}
    - origin: {{ tpldir }}
