{{- define "vault-service.facts" -}}
{{- $ids := list -}}
{{- range .Values.encryption.keys -}}
{{- if has .id $ids -}}
{{- fail (printf "encryption.keys: the id %s stands there twice; each key-encryption key has its own" .id) -}}
{{- end -}}
{{- $ids = append $ids .id -}}
{{- end -}}
{{- if not (has .Values.encryption.active $ids) -}}
{{- fail (printf "encryption.active: %s is none of encryption.keys (%s)" .Values.encryption.active (join ", " $ids)) -}}
{{- end -}}
journal: true
service: false
env:
  - name: DATABASE_URL
    secretName: {{ .Values.postgresql.secretName }}
    key: {{ .Values.postgresql.key }}
config:
  storage:
    driver: postgresql
  encryption:
    required: true
    active: {{ .Values.encryption.active }}
    keys:
      {{- range .Values.encryption.keys }}
      - id: {{ .id }}
        source: file:/run/secrets/latticegate/kek/{{ .id }}
      {{- end }}
mounts:
  - name: kek
    mountPath: /run/secrets/latticegate/kek
    readOnly: true
volumes:
  - name: kek
    projected:
      defaultMode: 0440
      sources:
        {{- range .Values.encryption.keys }}
        - secret:
            name: {{ .secretName }}
            items:
              - key: {{ .key }}
                path: {{ .id }}
        {{- end }}
{{- end }}
