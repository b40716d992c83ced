# Apache as such: its modules and what holds for every site. A role enables its site with `watch_in: [service: apache2]`.
{% set apache = pillar['apache'] %}

apache2:
  pkg.installed: []
  service.running:
    - enable: True
    - require:
      - pkg: apache2

apache-ports:
  file.managed:
    - name: /etc/apache2/ports.conf
    - contents: |
        # Managed by tsalt: states/apache
        Listen {{ apache['listen'] }}
    - require:
      - pkg: apache2
    - watch_in:
      - service: apache2

{% for module in apache['modules'] %}
apache-module-{{ module }}:
  apache_module.enabled:
    - name: {{ module }}
    - require:
      - pkg: apache2
    - watch_in:
      - service: apache2
{% endfor %}

apache-everywhere:
  file.managed:
    - name: /etc/apache2/conf-available/everywhere.conf
    - contents: |
        # Managed by tsalt: states/apache
        ServerName {{ grains['id'] }}
        ServerTokens Prod
        ServerSignature Off
        TraceEnable Off
    - require:
      - pkg: apache2
  apache_conf.enabled:
    - name: everywhere
    - require:
      - file: apache-everywhere
    - watch_in:
      - service: apache2

apache-default-site:
  apache_site.disabled:
    - name: 000-default
    - require:
      - pkg: apache2
    - watch_in:
      - service: apache2
