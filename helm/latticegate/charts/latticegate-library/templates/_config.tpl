{{/*
The file that the service reads with --config. Weakest first: what a cluster needs by default, .Values.global.config,
.Values.config, and what follows from other values of the chart (ports, paths, mesh); the schema refuses a .Values.config
that names one of the last. Secrets never stand here: they come as ${NAME} from the environment or as file:/... from a mount.
*/}}
{{- define "latticegate.configFile" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
{{- $mounted := "/run/secrets/latticegate/mesh" -}}
{{- $mesh := dict
    "name" .Values.global.mesh.name
    "discovery" (dict
        "mode" "kubernetes"
        "service_dns" (printf "%s.%s.svc.%s" (include "latticegate.meshServiceName" .) .Release.Namespace .Values.global.mesh.clusterDomain))
    "event_bus" (dict
        "listen" "0.0.0.0:7800"
        "public_host" "${POD_IP}"
        "tls" (dict
            "ca" (printf "%s/ca.crt" $mounted)
            "cert" (printf "%s/tls.crt" $mounted)
            "key" (printf "%s/tls.key" $mounted))) -}}
{{- $owned := dict
    "server" (dict "timeouts" (dict "drain" (printf "%ds" (int .Values.shutdown.drainSeconds))))
    "management" (dict "listen" "0.0.0.0:8081")
    "mesh" $mesh
    "storage" (dict "dir" "/var/lib/latticegate") -}}
{{- $default := dict "profile" "production" -}}
{{- mustMergeOverwrite $default (deepCopy .Values.global.config) (deepCopy .Values.config) $owned ($facts.config | default dict) | toYaml -}}
{{- end }}

{{- define "latticegate.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
data:
  latticegate.yaml: |
    {{- include "latticegate.configFile" . | nindent 4 }}
{{- end }}
