# The figures are for the monitoring servers alone. Each is put before the last rule, which lets nobody else in.
{% set monitor = pillar['monitor'] %}

monitor-firewall:
  pkg.installed:
    - name: nftables
  nftables.table_present:
    - name: figures
    - family: inet
    - require:
      - pkg: monitor-firewall

monitor-firewall-chain:
  nftables.chain_present:
    - name: input
    - table: figures
    - family: inet
    - table_type: filter
    - hook: input
    - priority: 0
    - require:
      - nftables: monitor-firewall

monitor-firewall-others:
  nftables.append:
    - table: figures
    - chain: input
    - family: inet
    - proto: tcp
    - dport: {{ monitor['port'] }}
    - jump: drop
    - save: True
    - require:
      - nftables: monitor-firewall-chain

{% for address in ['127.0.0.1'] + monitor['servers'] %}
monitor-firewall-{{ address }}:
  nftables.insert:
    - table: figures
    - chain: input
    - family: inet
    - source: {{ address }}
    - proto: tcp
    - dport: {{ monitor['port'] }}
    - jump: accept
    - save: True
    - require:
      - nftables: monitor-firewall-others
{% endfor %}

monitor-firewall-at-boot:
  file.append:
    - name: /etc/nftables.conf
    - text: include "/etc/nftables/salt-all-in-one.nft"
    - require:
      - pkg: monitor-firewall
  service.enabled:
    - name: nftables
    - require:
      - file: monitor-firewall-at-boot
