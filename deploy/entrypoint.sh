#!/bin/sh
# Replaces itself by one of the image's processes, so that signals reach it:
#   worker | gateway | codec-server | setup | verifik-onboarding <command> | any other command
set -eu
case "${1:-}" in
  worker | gateway | codec-server)
    service=$1
    shift
    exec node "/app/dist/$service/main.js" "$@"
    ;;
  setup) exec node /app/dist/cli/main.js "$@" ;;
  verifik-onboarding)
    shift
    exec node /app/dist/cli/main.js "$@"
    ;;
  *)
    if ! command -v -- "${1:-}" >/dev/null; then
      echo "unknown argument '${1:-}': expected worker, gateway, codec-server, setup, verifik-onboarding or a command" >&2
      exit 2
    fi
    exec "$@"
    ;;
esac
