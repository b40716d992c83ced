{%- from 'ledger/map.jinja' import ledger with context %}

{%- set nologin = salt['cmd.run']('command -v nologin') %}
{%- set current = salt['user.info']('clerk') %}

ledger-clerk:
  group.present:
    - name: clerk
    - system: True
  user.present:
    - name: clerk
    - gid: clerk
    - system: True
    - createhome: False
    - home: {{ current.get('home', ledger.root) }}
    - shell: {{ nologin }}
    - require:
      - group: ledger-clerk

{% for book in ledger.books %}
ledger-book-{{ book }}:
  file.directory:
    - name: {{ ledger.root }}/{{ book }}
    - user: clerk
    - group: clerk
    - dir_mode: '0750'
    - makedirs: True
    - require:
      - user: ledger-clerk
{% endfor %}

{% if salt['file.directory_exists'](ledger.root) %}
ledger-second-run:
  test.nop: []
{% endif %}
