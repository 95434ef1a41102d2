{{/*
The first policy takes every right from the pods of this service, the second gives back what its work needs. Hazelcast's
member port knows neither TLS nor passwords, so the label of the mesh is its only fence.
*/}}
{{- define "latticegate.networkPolicies" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
{{- $policy := .Values.networkPolicy -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "latticegate.fullname" . }}-default-deny
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "latticegate.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "latticegate.selectorLabels" . | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "latticegate.selectorLabels" . | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
  ingress:
    - from:
        {{- include "latticegate.meshPeer" . | nindent 8 }}
      ports:
        {{- include "latticegate.meshPorts" . | nindent 8 }}
    {{- with $policy.managementFrom }}
    - from:
        {{- toYaml . | nindent 8 }}
      ports:
        - port: 8081
          protocol: TCP
    {{- end }}
    {{- with $facts.ingress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    - to:
        {{- include "latticegate.meshPeer" . | nindent 8 }}
      ports:
        {{- include "latticegate.meshPorts" . | nindent 8 }}
    - to:
        {{- toYaml $policy.dnsTo | nindent 8 }}
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
    {{- range list "postgresql" "redis" }}
    {{- with index $policy . }}
    - to:
        {{- toYaml .to | nindent 8 }}
      ports:
        - port: {{ .port }}
          protocol: TCP
    {{- end }}
    {{- end }}
    {{- with $facts.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $policy.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "latticegate.meshPeer" -}}
- podSelector:
    matchLabels:
      {{- include "latticegate.meshLabel" . | nindent 6 }}
{{- end }}

{{- define "latticegate.meshPorts" -}}
- port: 7800
  protocol: TCP
- port: 5701
  protocol: TCP
{{- end }}
