{{/* Takes a dict with `root` and `component`. */}}
{{- define "onboarding.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "onboarding.metadata" -}}
name: {{ .root.Release.Name }}-{{ .component }}
labels:
  {{- include "onboarding.selector" . | nindent 2 }}
  {{- include "onboarding.labels" .root | nindent 2 }}
{{- end }}

{{- define "onboarding.labels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "onboarding.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Fails if the range of an autoscaler is empty. Takes its path in the values, and the autoscaler. */}}
{{- define "onboarding.checkRange" -}}
{{- $path := index . 0 }}
{{- with index . 1 }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{- fail (printf "%s.minReplicas: expected at most maxReplicas (%v), got %v" $path .maxReplicas .minReplicas) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Fails if a variable with a prefix of this project or of Temporal is no setting. Takes the root, the path of the
variables in the values, and the variables. Others can be of a key provider, a key management service or Node.
*/}}
{{- define "onboarding.checkNames" -}}
{{- $known := (index . 0).Files.Lines "files/settings.txt" }}
{{- $path := index . 1 }}
{{- range $name, $_ := index . 2 }}
{{- $ours := regexMatch "^(TEMPORAL|ONBOARDING|VERIFIK|GATEWAY|CODEC_SERVER)_" $name }}
{{- if and $ours (not (has $name $known)) (not (hasPrefix "TEMPORAL_GRPC_META_" $name)) }}
{{- fail (printf "%s.%s: no such setting" $path $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Returns variables as JSON, without those that name files of Secrets that are left out. Takes the root, and them. */}}
{{- define "onboarding.withoutFiles" -}}
{{- $secrets := (index . 0).Values.secrets }}
{{- $kept := deepCopy (index . 1) }}
{{- range $secret := list "callbacks" "policies" "evidenceKeys" }}
{{- range $name, $value := index $ 1 }}
{{- if and (not (get $secrets $secret)) (hasPrefix (printf "/run/secrets/%s/" (kebabcase $secret)) (toString $value)) }}
{{- $_ := unset $kept $name }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $kept }}
{{- end }}

{{/* Environment variables as strings. toJson writes large numbers without an exponent. */}}
{{- define "onboarding.variables" -}}
{{- range $name, $value := . }}
{{ $name }}: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}
