{{/*
The pods of a process. Takes a dict: `root`, `component`, `values` (of the process), `secrets` (mounted, by their
keys, unless they are left out), `port` (`name`, `number` and the path that ends the start), `metricsPort`, `graceSeconds`, `spread` (topology
keys), `batches`, `isClient` if it connects to Temporal, and `drains` if its own clients must be routed elsewhere before
it stops.
*/}}
{{- define "onboarding.pod" -}}
{{- $ := .root -}}
{{- $selector := include "onboarding.selector" . -}}
{{- $secrets := list -}}
{{- range .secrets -}}
{{- if get $.Values.secrets . }}{{ $secrets = append $secrets . }}{{ end -}}
{{- end -}}
metadata:
  labels:
    {{- $selector | nindent 4 }}
    {{- with $.Values.pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ list $.Values.config .values.config | toJson | sha256sum }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .metricsPort | quote }}
    {{- with $.Values.pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ $.Release.Name }}
  {{- include "onboarding.podSpec" $ | nindent 2 }}
  terminationGracePeriodSeconds: {{ .graceSeconds }}
  {{- with .spread }}
  topologySpreadConstraints:
    {{- range . }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- $selector | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .component }}
      {{- include "onboarding.container" $ | nindent 6 }}
      args: [{{ .component }}]
      envFrom:
        - configMapRef: { name: {{ $.Release.Name }} }
        - configMapRef: { name: {{ $.Release.Name }}-{{ .component }} }
        {{- if and .isClient $.Values.secrets.temporal }}
        - secretRef: { name: {{ $.Values.secrets.temporal }}, optional: true }
        {{- end }}
      ports:
        - { name: {{ .port.name }}, containerPort: {{ .port.number }} }
        - { name: metrics, containerPort: {{ .metricsPort }} }
      {{- if .drains }}
      # After SIGTERM, it rejects requests: wait until load balancers no longer route to it.
      lifecycle: { preStop: { exec: { command: [sleep, "8"] } } }
      {{- end }}
      startupProbe:
        httpGet: { path: {{ .port.startsAt }}, port: {{ .port.name }} }
        periodSeconds: 2
        failureThreshold: 60
      # Not ready while it drains, and while Temporal does not answer.
      readinessProbe:
        httpGet: { path: /readyz, port: {{ .port.name }} }
        periodSeconds: 5
        timeoutSeconds: 3
      # Checks only the process: a restart does not help a process that cannot reach Temporal.
      livenessProbe:
        httpGet: { path: /healthz, port: {{ .port.name }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      resources:
        {{- toYaml (.values.resources | default dict) | nindent 8 }}
      volumeMounts:
        {{- range $secrets }}
        - { name: {{ kebabcase . }}, mountPath: /run/secrets/{{ kebabcase . }}, readOnly: true }
        {{- end }}
        {{- if .batches }}
        - { name: batches, mountPath: /var/lib/onboarding/batches }
        {{- end }}
        - { name: tmp, mountPath: /tmp }
  volumes:
    # Whole folders, not single files, so that changes of a Secret reach the process without a restart.
    {{- range $secrets }}
    - { name: {{ kebabcase . }}, secret: { secretName: {{ get $.Values.secrets . }}, defaultMode: 0440 } }
    {{- end }}
    {{- with .batches }}
    - name: batches
      {{- toYaml . | nindent 6 }}
    {{- end }}
    - { name: tmp, emptyDir: {} }
{{- end }}

{{- define "onboarding.podSpec" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.pod.spec }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "onboarding.container" -}}
image: {{ include "onboarding.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}
