{{/*
The headless Service answers with every pod of the mesh, whichever release it belongs to: each service so finds the others
by a name of its own, and can be installed, upgraded and removed alone. Pods that are not ready are listed too, because
they become ready only after they have joined.
*/}}
{{- define "latticegate.services" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "latticegate.meshServiceName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "latticegate.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "latticegate.meshLabel" . | nindent 4 }}
  ports:
    - name: tcp-hazelcast
      port: 5701
      targetPort: hazelcast
      protocol: TCP
    - name: tcp-event-bus
      port: 7800
      targetPort: event-bus
      protocol: TCP
{{- if $facts.service }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
  {{- with .Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.service.type }}
  {{- if eq .Values.service.type "LoadBalancer" }}
  externalTrafficPolicy: Local
  {{- with .Values.service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  selector:
    {{- include "latticegate.selectorLabels" . | nindent 4 }}
  ports:
    - name: {{ (($facts.data).name) | default "management" }}
      port: {{ .Values.service.port }}
      targetPort: {{ (($facts.data).name) | default "management" }}
      protocol: TCP
{{- end }}
{{- end }}
