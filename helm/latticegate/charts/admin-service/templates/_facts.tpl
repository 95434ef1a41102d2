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
config:
  storage:
    driver: postgresql
  management:
    management_token: ${MANAGEMENT_TOKEN}
{{- end }}
