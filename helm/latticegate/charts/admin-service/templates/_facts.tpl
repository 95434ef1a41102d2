{{- define "admin-service.facts" -}}
journal: true
service: true
env:
  - name: DATABASE_URL
    secretName: {{ .Values.postgresql.secretName }}
    key: {{ .Values.postgresql.key }}
  - name: MANAGEMENT_TOKEN
    secretName: {{ .Values.managementToken.secretName }}
    key: {{ .Values.managementToken.key }}
  - name: AUDIT_SEALING_KEY
    secretName: {{ .Values.sealingKey.secretName }}
    key: {{ .Values.sealingKey.key }}
config:
  audit:
    sealing_key: env:AUDIT_SEALING_KEY
  storage:
    driver: postgresql
  management:
    management_token: ${MANAGEMENT_TOKEN}
{{- end }}
