{{- define "latticegate.workload" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" $facts.journal }}
metadata:
  {{- include "latticegate.metadata" . | nindent 2 }}
spec:
  {{- if not ((.Values.autoscaling).enabled) }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "latticegate.selectorLabels" . | nindent 6 }}
  {{- if $facts.journal }}
  serviceName: {{ include "latticegate.meshServiceName" . }}
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  volumeClaimTemplates:
    - metadata:
        name: data
        labels:
          {{- include "latticegate.selectorLabels" . | nindent 10 }}
      spec:
        accessModes:
          - ReadWriteOnce
        {{- with .Values.journal.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .Values.journal.size }}
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      {{- /* A cluster has seldom a spare accelerator for the new pod beside the old one. */}}
      maxUnavailable: {{ ternary 1 0 (hasKey $facts "limits") }}
      maxSurge: {{ ternary 0 1 (hasKey $facts "limits") }}
  {{- end }}
  template:
    {{- include "latticegate.pod" . | nindent 4 }}
{{- end }}

{{- define "latticegate.pod" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
metadata:
  annotations:
    checksum/config: {{ include "latticegate.configFile" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "latticegate.selectorLabels" . | nindent 4 }}
    {{- include "latticegate.meshLabel" . | nindent 4 }}
    app.kubernetes.io/part-of: latticegate
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "latticegate.serviceAccountName" . }}
  automountServiceAccountToken: false
  {{- /* Service links would put names such as GATEWAY_PORT into the environment, which the configuration reads. */}}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add .Values.shutdown.preStopSleepSeconds .Values.shutdown.drainSeconds 15 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.global.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with concat .Values.tolerations ($facts.tolerations | default list) }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "latticegate.topologySpread" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: {{ .Chart.Name }}
      image: {{ include "latticegate.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --config
        - /etc/latticegate/latticegate.yaml
      securityContext:
        allowPrivilegeEscalation: false
        privileged: false
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        capabilities:
          drop:
            - ALL
      env:
        {{- include "latticegate.env" . | nindent 8 }}
      ports:
        {{- with $facts.data }}
        - name: {{ .name }}
          containerPort: {{ .port }}
          protocol: TCP
        {{- end }}
        - name: management
          containerPort: 8081
          protocol: TCP
        - name: event-bus
          containerPort: 7800
          protocol: TCP
        - name: hazelcast
          containerPort: 5701
          protocol: TCP
      {{- include "latticegate.probes" . | trim | nindent 6 }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.shutdown.preStopSleepSeconds }}
      resources:
        {{- $resources := deepCopy .Values.resources }}
        {{- with $facts.limits }}
        {{- $resources = mustMergeOverwrite $resources (dict "requests" . "limits" .) }}
        {{- end }}
        {{- toYaml $resources | nindent 8 }}
      volumeMounts:
        - name: config
          mountPath: /etc/latticegate
          readOnly: true
        - name: mesh-tls
          mountPath: /run/secrets/latticegate/mesh
          readOnly: true
        - name: data
          mountPath: /var/lib/latticegate
        - name: tmp
          mountPath: /tmp
        {{- with $facts.mounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "latticegate.fullname" . }}
        defaultMode: 0444
    - name: mesh-tls
      secret:
        secretName: {{ .Values.meshTls.secretName }}
        defaultMode: 0440
        items:
          - key: ca.crt
            path: ca.crt
          - key: tls.crt
            path: tls.crt
          - key: tls.key
            path: tls.key
    - name: tmp
      emptyDir:
        medium: Memory
        sizeLimit: {{ .Values.tmpSize }}
    {{- if not $facts.journal }}
    - name: data
      emptyDir:
        sizeLimit: {{ .Values.scratchSize }}
    {{- end }}
    {{- with $facts.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "latticegate.env" -}}
{{- $facts := include "latticegate.facts" . | fromYaml -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- with .Values.javaOptions }}
- name: JDK_JAVA_OPTIONS
  value: {{ join " " . | quote }}
{{- end }}
{{- range concat ($facts.env | default list) .Values.secretEnv }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secretName }}
      key: {{ .key }}
      optional: {{ .optional | default false }}
{{- end }}
{{- end }}

{{- define "latticegate.probes" -}}
{{- range $name, $path := dict "livenessProbe" "/health/live" "readinessProbe" "/health/ready" "startupProbe" "/health/ready" }}
{{ $name }}:
  httpGet:
    path: {{ $path }}
    port: management
  {{- toYaml (index $.Values.probes (trimSuffix "Probe" $name)) | nindent 2 }}
{{- end }}
{{- end }}

{{- define "latticegate.topologySpread" -}}
{{- $constraints := list -}}
{{- $selector := include "latticegate.selectorLabels" . | fromYaml -}}
{{- range $key, $when := dict "kubernetes.io/hostname" .Values.topologySpread.hostname "topology.kubernetes.io/zone" .Values.topologySpread.zone -}}
{{- if ne $when "Disabled" -}}
{{- $constraints = append $constraints (dict "maxSkew" 1 "topologyKey" $key "whenUnsatisfiable" $when "labelSelector" (dict "matchLabels" $selector)) -}}
{{- end -}}
{{- end -}}
{{- with $constraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
