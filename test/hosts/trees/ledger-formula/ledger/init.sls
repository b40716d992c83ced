# vim: ft=sls
include:
  - .package
  - .config
  - .service

extend:
  ledger-service-running:
    service:
      - watch:
        - file: ledger-config-file
