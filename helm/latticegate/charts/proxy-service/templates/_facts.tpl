{{- define "proxy-service.fhePods" -}}
{{ include "latticegate.fullname" . }}-fhe
{{- end }}

{{- define "proxy-service.facts" -}}
journal: true
service: true
data:
  name: http
  port: 8080
env:
  - name: REDIS_URL
    secretName: {{ .Values.redis.secretName }}
    key: {{ .Values.redis.key }}
config:
  server:
    host: 0.0.0.0
    port: 8080
  redis:
    url: ${REDIS_URL}
  fhe:
    enabled: true
    upstreams:
      - {{ printf "%s.%s.svc.%s:8090" (include "proxy-service.fhePods" .) .Release.Namespace .Values.global.mesh.clusterDomain }}
{{- with .Values.networkPolicy.dataFrom }}
ingress:
  - from:
      {{- toYaml . | nindent 6 }}
    ports:
      - port: 8080
        protocol: TCP
{{- end }}
egress:
  - to:
      - podSelector:
          matchLabels:
            app.kubernetes.io/name: fhe-service
            {{- include "latticegate.meshLabel" . | nindent 12 }}
    ports:
      - port: 8090
        protocol: TCP
  - to:
      {{- toYaml .Values.networkPolicy.providers.to | nindent 6 }}
    ports:
      {{- range .Values.networkPolicy.providers.ports }}
      - port: {{ . }}
        protocol: TCP
      {{- end }}
{{- end }}
