{{- define "proxy-service.facts" -}}
{{- $port := ternary 8443 8080 .Values.tls.enabled -}}
journal: true
service: true
data:
  name: {{ ternary "https" "http" .Values.tls.enabled }}
  port: 8080
  listen: {{ $port }}
env:
  - name: REDIS_URL
    secretName: {{ .Values.redis.secretName }}
    key: {{ .Values.redis.key }}
config:
  redis:
    url: ${REDIS_URL}
  {{- if .Values.tls.enabled }}
  server:
    tls:
      enabled: true
      port: 8443
      cert: /run/secrets/latticegate/server/tls.crt
      key: /run/secrets/latticegate/server/tls.key
  {{- end }}
{{- if .Values.tls.enabled }}
mounts:
  - name: server-tls
    mountPath: /run/secrets/latticegate/server
    readOnly: true
volumes:
  - name: server-tls
    secret:
      secretName: {{ .Values.tls.secretName }}
      defaultMode: 0440
{{- end }}
{{- with .Values.networkPolicy.dataFrom }}
ingress:
  - from:
      {{- toYaml . | nindent 6 }}
    ports:
      - port: {{ $port }}
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
