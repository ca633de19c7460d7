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

{{/* Environment variables as strings. toJson writes large numbers without an exponent. */}}
{{- define "onboarding.variables" -}}
{{- range $name, $value := . }}
{{ $name }}: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}
