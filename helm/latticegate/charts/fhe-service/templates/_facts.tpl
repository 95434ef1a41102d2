{{- define "fhe-service.facts" -}}
journal: false
service: true
data:
  name: fhe
  port: 8090
env:
  - name: DATABASE_URL
    secretName: {{ .Values.postgresql.secretName }}
    key: {{ .Values.postgresql.key }}
config:
  fhe:
    listen: 0.0.0.0:8090
  storage:
    driver: postgresql
ingress:
  - from:
      - podSelector:
          matchLabels:
            app.kubernetes.io/name: proxy-service
            {{- include "latticegate.meshLabel" . | nindent 12 }}
    ports:
      - port: 8090
        protocol: TCP
{{- if .Values.gpu.enabled }}
limits:
  {{ .Values.gpu.resource }}: {{ .Values.gpu.count }}
{{- if .Values.gpu.tolerate }}
tolerations:
  - key: {{ .Values.gpu.resource }}
    operator: Exists
    effect: NoSchedule
{{- end }}
{{- end }}
{{- end }}
