{{/* What more than two templates share. */}}

{{- define "codekiln.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: codekiln
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: codekiln
{{- end }}

{{/* The metadata of an object: include "codekiln.metadata" (dict "root" $ "name" NAME) */}}
{{- define "codekiln.metadata" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
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

{{/* The namespace of a store that is a service of this cluster, http://NAME.NAMESPACE.svc, or nothing. */}}
{{- define "codekiln.s3Namespace" -}}
{{- with regexFind "^[^.]+[.][^.]+[.]svc([.:]|$)" (urlParse (include "codekiln.s3Endpoint" .)).host -}}
{{ index (splitList "." .) 1 }}
{{- end }}
{{- end }}

{{/* An IPv4 address as a number: include "codekiln.ipNumber" "10.0.0.0/8" */}}
{{- define "codekiln.ipNumber" -}}
{{- $number := 0 }}
{{- range splitList "." (splitList "/" . | first) }}
  {{- $number = add (mul $number 256) (atoi .) }}
{{- end }}
{{- $number }}
{{- end }}

{{/* Addresses but for those exceptions that lie inside, as Kubernetes refuses all others: include "codekiln.ipBlock" (dict "cidr" CIDR "except" LIST) */}}
{{- define "codekiln.ipBlock" -}}
{{- $six := contains ":" .cidr }}
{{- $length := splitList "/" .cidr | last | atoi }}
{{- $size := 1 }}
{{- range $six | ternary 0 (sub 32 $length) | int | until }}
  {{- $size = mul $size 2 }}
{{- end }}
{{- $inside := list }}
{{- range .except }}
  {{- if ne $six (contains ":" .) }}
  {{- else if $six }}
    {{- $inside = eq $.cidr "::/0" | ternary (append $inside .) $inside }}
  {{- else if le (splitList "/" . | last | atoi) $length }}
  {{- else if eq (div (include "codekiln.ipNumber" .) $size) (div (include "codekiln.ipNumber" $.cidr) $size) }}
    {{- $inside = append $inside . }}
  {{- end }}
{{- end }}
cidr: {{ .cidr | quote }}
{{- with $inside }}
except: {{ toJson . }}
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
- secretRef: {name: {{ .Values.s3.credentials.secretName | quote }}, optional: true}
{{- end }}
{{- end }}
