{{/* At most 50 characters, so that the longest derived name (a StatefulSet's revision label) fits in 63. */}}
{{- define "latticegate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $room := int (sub 49 (len .Chart.Name)) -}}
{{- printf "%s-%s" (.Release.Name | trunc $room | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end }}

{{- define "latticegate.meshServiceName" -}}
{{ include "latticegate.fullname" . }}-mesh
{{- end }}

{{- define "latticegate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "latticegate.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "latticegate.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "latticegate.meshLabel" -}}
latticegate.io/mesh: {{ .Values.global.mesh.name }}
{{- end }}

{{- define "latticegate.labels" -}}
{{ include "latticegate.selectorLabels" . }}
{{ include "latticegate.meshLabel" . }}
app.kubernetes.io/part-of: latticegate
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "latticegate.metadata" -}}
name: {{ include "latticegate.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "latticegate.labels" . | nindent 2 }}
{{- end }}

{{/* A digest wins over a tag; without either the image is the one released with this chart. */}}
{{- define "latticegate.image" -}}
{{- $repository := .Values.image.repository -}}
{{- with .Values.global.imageRegistry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}
