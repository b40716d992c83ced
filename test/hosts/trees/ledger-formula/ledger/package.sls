{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ '/map.jinja' import ledger, arguments with context %}

ledger-package:
  pkg.installed:
    {{ arguments({'pkgs': ledger.pkgs, 'install_recommends': False}) }}

{#- One list of arguments above either function, as formulas write it. #}
ledger-old-source:
  file:
    - {{ 'managed' if ledger.get('old_source') else 'absent' }}
    - name: /etc/apt/sources.list.d/ledger.list
    - contents: deb http://ledger.example.org stable main
    - require_in:
      - pkg: ledger-package
