{{/*
Everything that one service needs in a namespace.

A service chart states what is particular to its service in the template "<chart>.facts", a YAML map:

  journal   true: a StatefulSet with a volume for the write-ahead journal; false: a Deployment
  data      name and port of the data plane; absent when there is none
  service   true: a ClusterIP Service for data or management
  env       environment variables read from Secrets: name, secretName, key, optional
  config    keys of the configuration file that follow from the values of the chart
  volumes, mounts   beyond those that every pod has
  limits    resource limits beyond .Values.resources
  ingress, egress   rules of the NetworkPolicy beyond those of every service
  tolerations       beyond .Values.tolerations
*/}}
{{- define "latticegate.resources" -}}
{{ include "latticegate.serviceAccount" . }}
---
{{ include "latticegate.configMap" . }}
---
{{ include "latticegate.workload" . }}
---
{{ include "latticegate.services" . }}
{{- if .Values.networkPolicy.enabled }}
---
{{ include "latticegate.networkPolicies" . }}
{{- end }}
{{- if .Values.podDisruptionBudget.enabled }}
---
{{ include "latticegate.podDisruptionBudget" . }}
{{- end }}
{{- if .Values.global.certManager.enabled }}
---
{{ include "latticegate.certificate" . }}
{{- end }}
{{- end }}

{{- define "latticegate.facts" -}}
{{- $text := include (printf "%s.facts" .Chart.Name) . -}}
{{- $facts := fromYaml $text -}}
{{- if hasKey $facts "Error" -}}
{{- fail (printf "%s.facts is not YAML: %s" .Chart.Name $facts.Error) -}}
{{- end -}}
{{- $text -}}
{{- end }}

{{- define "latticegate.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "latticegate.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "latticegate.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
{{- end }}

{{- define "latticegate.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "latticegate.selectorLabels" . | nindent 6 }}
{{- end }}

{{/*
The identity on the event bus is the URI name of the certificate: spiffe://latticegate/<mesh>/<service>/<node>. All pods of a
release share one certificate, hence one node name; what is sealed to a pod is sealed to a key of its own all the same.
*/}}
{{- define "latticegate.certificate" -}}
{{- $cert := .Values.global.certManager -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
spec:
  secretName: {{ .Values.meshTls.secretName }}
  duration: {{ $cert.duration }}
  renewBefore: {{ $cert.renewBefore }}
  privateKey:
    algorithm: ECDSA
    size: 256
    encoding: PKCS8
    rotationPolicy: Always
  usages:
    - digital signature
    - server auth
    - client auth
  uris:
    - {{ printf "spiffe://latticegate/%s/%s/%s" .Values.global.mesh.name .Chart.Name (include "latticegate.fullname" .) }}
  issuerRef:
    {{- toYaml $cert.issuerRef | nindent 4 }}
{{- end }}
