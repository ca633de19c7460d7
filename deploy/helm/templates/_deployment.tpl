{{/* Takes the dict of "onboarding.pod", and `replicas` unless an autoscaler sets them. */}}
{{- define "onboarding.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "onboarding.metadata" . | nindent 2 }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "onboarding.selector" . | nindent 6 }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  template:
    {{- include "onboarding.pod" . | nindent 4 }}
{{- end }}
