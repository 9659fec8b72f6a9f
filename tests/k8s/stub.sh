#!/usr/bin/env bash
# Stands in for docker, podman, kind, kubectl, helm and codekiln: writes each call into $STATE/calls and answers as the real one
# would, from what earlier calls left in $STATE. It holds none of their logic: whether they really take these words, only they can tell.
set -euo pipefail
name="${0##*/}"
echo "$name $*" >>"$STATE/calls"

answer() { cat "$STATE/$1" 2>/dev/null || true; }

case "$name $*" in
    *" info") exit "$(answer engine-fails | grep . || echo 0)" ;;
    *" images "*) answer images ;;
    "podman save "*) ;;
    "kind version") answer kind-version | grep . || echo "kind v0.32.0 go1.26.0 linux/amd64" ;;
    "kind get clusters") answer clusters ;;
    "kind create cluster "*) echo codekiln >"$STATE/clusters" ;;
    "kind delete cluster "*) rm -f "$STATE/clusters" "$STATE/secret" ;;
    "kubectl version --client") answer kubectl-version | grep . || echo "Client Version: v1.36.1" ;;
    "helm version --short") answer helm-version | grep . || echo "v3.19.0+g3d8990f" ;;
    "kubectl "*"get nodes "*) echo node/codekiln-worker2 ;;
    "kubectl "*"get secret "*" -o name") [ -f "$STATE/secret" ] ;;
    "kubectl "*"get secret "*) echo -n Zm9v ;;
    "kubectl "*"create -f -") cat >"$STATE/secret" ;;
    "kubectl kustomize "*) printf 'data:\n  REPOSITORY: of-the-file\n' ;;
    "kubectl "*"apply -f -") cat >>"$STATE/applied" ;;
    "kubectl "*"get job/codekiln-history "*) answer job | grep . || echo "SuccessCriteriaMet Complete" ;;
    "kubectl "*"get job/"*) echo Complete ;;
    "kubectl "*" logs "*) echo "the last line of the job" ;;
    "codekiln submit "*) exit "$(answer run-fails | grep . || echo 0)" ;;
esac
