{{/* What more than two templates share. */}}

{{- define "codekiln.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: codekiln
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: codekiln
{{- end }}

{{/* The metadata of an object: include "codekiln.metadata" (dict "root" $ "name" NAME) */}}
{{- define "codekiln.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "codekiln.labels" .root | nindent 2 }}
{{- end }}

{{/* Security of every pod: the restricted Pod Security Standard, as the user of our images. */}}
{{- define "codekiln.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "codekiln.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Where S3 is, or nothing for AWS. */}}
{{- define "codekiln.s3Endpoint" -}}
{{- if .Values.s3.endpoint -}}
{{ .Values.s3.endpoint | trimSuffix "/" }}
{{- else if .Values.s3Server.enabled -}}
http://codekiln-s3.{{ .Release.Namespace }}.svc:8333
{{- end }}
{{- end }}

{{- define "codekiln.kfpEndpoint" -}}
{{ .Values.kfp.endpoint | default (printf "http://ml-pipeline.%s.svc:8888" .Values.kfp.namespace) }}
{{- end }}

{{/* How the codekiln program finds KFP. */}}
{{- define "codekiln.kfpEnv" -}}
{{- if ne .Values.kfp.mode "none" -}}
- {name: KFP_ENDPOINT, value: {{ include "codekiln.kfpEndpoint" . | quote }}}
{{- end }}
{{- if eq .Values.kfp.mode "multi-user" }}
- {name: KFP_NAMESPACE, value: {{ .Release.Namespace | quote }}}
{{- end }}
{{- end }}

{{/* A token that is good for the KFP API server alone, where its SDK looks for one. */}}
{{- define "codekiln.kfpToken" -}}
- name: kfp-token
  projected:
    sources:
      - serviceAccountToken: {audience: pipelines.kubeflow.org, path: token, expirationSeconds: 7200}
{{- end }}

{{- define "codekiln.kfpTokenMount" -}}
- {name: kfp-token, mountPath: /var/run/secrets/kubeflow/pipelines, readOnly: true}
{{- end }}

{{/* Where S3 is and who asks, as pipeline steps are told. */}}
{{- define "codekiln.s3Env" -}}
- configMapRef: {name: codekiln-s3}
{{- if eq .Values.s3.credentials.from "secret" }}
- secretRef: {name: {{ .Values.s3.credentials.secretName }}, optional: true}
{{- end }}
{{- end }}
