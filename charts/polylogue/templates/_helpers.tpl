{{- define "polylogue.name" -}}
{{- .Chart.Name -}}
{{- end -}}

{{- define "polylogue.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "polylogue.selector" -}}
app.kubernetes.io/name: {{ include "polylogue.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "polylogue.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "polylogue.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "polylogue.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{- define "polylogue.secretName" -}}
{{- .Values.existingSecret | default (include "polylogue.fullname" .) -}}
{{- end -}}

{{- define "polylogue.configurationName" -}}
{{- .Values.existingConfiguration | default (include "polylogue.fullname" .) -}}
{{- end -}}

{{/* "true" where several gateways can share what lasts. */}}
{{- define "polylogue.shared" -}}
{{- if or .Values.shared (and .Values.store .Values.engine) -}}true{{- end -}}
{{- end -}}

{{/* "true" where what lasts is in a database. */}}
{{- define "polylogue.database" -}}
{{- if or .Values.shared .Values.store -}}true{{- end -}}
{{- end -}}

{{/* What can't be right is said before anything is made. */}}
{{- define "polylogue.check" -}}
{{- if and (or (gt (int .Values.replicaCount) 1) .Values.autoscaling.enabled) (not (include "polylogue.shared" .)) -}}
{{- fail "Several gateways need a store and an engine: set `store` and `engine`, or `existingSecret` with POLYLOGUE_STORE and POLYLOGUE_ENGINE and `shared: true`." -}}
{{- end -}}
{{- if and .Values.engine (not .Values.store) -}}
{{- fail "`engine` is for gateways that share a store: set `store` too." -}}
{{- end -}}
{{- if and .Values.shared (not .Values.existingSecret) -}}
{{- fail "`shared` says what `existingSecret` holds: name it." -}}
{{- end -}}
{{- if and (not .Values.existingSecret) (not .Values.masterKey) -}}
{{- fail "Set `masterKey` (`openssl rand -base64 32`) and keep it, or name an `existingSecret` that holds POLYLOGUE_MASTER_KEY." -}}
{{- end -}}
{{- if and .Values.existingSecret (or .Values.masterKey .Values.store .Values.engine .Values.setupToken .Values.secrets) -}}
{{- fail "`existingSecret` stands in place of `masterKey`, `store`, `engine`, `setupToken` and `secrets`: put them into it." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "`ingress.host` is missing." -}}
{{- end -}}
{{- end -}}

{{- define "polylogue.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "polylogue.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "polylogue.environment" -}}
- name: POLYLOGUE_REPLICA
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- range $name, $value := .Values.environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
