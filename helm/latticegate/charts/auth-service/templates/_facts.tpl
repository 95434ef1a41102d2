{{- define "auth-service.facts" -}}
journal: true
service: false
env:
  - name: DATABASE_URL
    secretName: {{ .Values.postgresql.secretName }}
    key: {{ .Values.postgresql.key }}
  - name: REDIS_URL
    secretName: {{ .Values.redis.secretName }}
    key: {{ .Values.redis.key }}
  - name: TOKEN_PEPPER
    secretName: {{ .Values.tokenPepper.secretName }}
    key: {{ .Values.tokenPepper.key }}
config:
  auth:
    token_pepper: ${TOKEN_PEPPER}
  storage:
    driver: postgresql
  redis:
    url: ${REDIS_URL}
{{- end }}
