#!/bin/sh
# Creates the namespace if it is missing, and waits until the server's processes know it, which takes some seconds. Safe to repeat.
set -eu

until_it_works() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      echo "The namespace cannot be used." >&2
      exit 1
    fi
    sleep 2
  done
}

is_there() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
}

serves() {
  temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1 >/dev/null 2>&1
}

until_it_works is_there
until_it_works serves
