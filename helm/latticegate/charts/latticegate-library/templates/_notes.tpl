{{- define "latticegate.notes" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
{{ .Chart.Name }} ({{ include "latticegate.fullname" . }}) reads these Secrets of namespace {{ .Release.Namespace }}:
  {{ .Values.meshTls.secretName }}: ca.crt, tls.crt, tls.key{{ if .Values.global.certManager.enabled }} (written by cert-manager){{ end }}
{{- range concat ($facts.env | default list) .Values.secretEnv }}
  {{ .secretName }}: {{ .key }}{{ if .optional }} (optional){{ end }}
{{- end }}
{{- range (.Values.encryption).keys }}
  {{ .secretName }}: {{ .key }}
{{- end }}
{{- if .Values.networkPolicy.enabled }}
{{- if and (hasKey .Values.networkPolicy "dataFrom") (not .Values.networkPolicy.dataFrom) }}
  Nobody may reach its data plane yet: list peers in networkPolicy.dataFrom.
{{- end }}
{{- if and $facts.service (not $facts.data) (not .Values.networkPolicy.managementFrom) }}
  Nobody may reach /manage and /admin yet: list peers in networkPolicy.managementFrom.
{{- end }}
{{- else }}
  WARNING: networkPolicy.enabled is false; every pod of the cluster can reach Hazelcast's port, which knows no password.
{{- end }}
{{- end }}
