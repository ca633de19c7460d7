#!/bin/sh
# Creates the missing secrets of compose.yaml in deploy/secrets (or the given folder), and prints the remaining steps. Existing files are not
# changed. If a file contains only digests, the secret is printed once.
set -eu
umask 022
folder="${1:-$(dirname "$0")/secrets}"
mkdir -p "$folder"
# Only the owner can enter the folder. The files are readable by all, because the containers run as other users.
chmod 700 "$folder"

missing() { [ ! -e "$folder/$1" ]; }
random() { openssl rand -hex "$1"; }
# Installations must not share ids, or a key of another one is taken for the same key.
key_ring() { id="$(date +%Y-%m)-$(random 3)" && printf '{ "current": "%s", "keys": { "%s": "%s" } }\n' "$id" "$id" "$(openssl rand -base64 32)"; }
digest() { printf %s "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1; }

if missing postgres-password; then random 24 | tr -d '\n' >"$folder/postgres-password"; fi
if missing grafana-password; then
  secret="$(random 16)"
  printf %s "$secret" >"$folder/grafana-password"
  echo "Grafana: admin, $secret"
fi
if missing contact-key; then random 32 | tr -d '\n' >"$folder/contact-key"; fi
if missing encryption-keys.json; then
  key_ring >"$folder/encryption-keys.json"
  echo "Keep a copy of $folder/encryption-keys.json elsewhere: without it, the data in Temporal cannot be decrypted."
fi
if missing evidence-keys.json; then key_ring >"$folder/evidence-keys.json"; fi
if missing api-keys.json; then
  secret="$(random 32)"
  printf '[{ "name": "first", "tenant": "first", "scopes": ["start", "read"], "sha256": "%s" }]\n' "$(digest "$secret")" \
    >"$folder/api-keys.json"
  echo "API key of the tenant \"first\": $secret"
fi
if missing webhook-secrets.json; then
  secret="$(random 24)"
  printf '[{ "name": "verifik", "sha256": "%s" }]\n' "$(digest "$secret")" >"$folder/webhook-secrets.json"
  echo "Webhook URL to configure at Verifik: https://<your gateway>/webhooks/verifik/$secret"
fi
if missing codec-tokens.json; then
  secret="$(random 32)"
  printf '[{ "name": "operator", "role": "personal-data", "sha256": "%s" }]\n' "$(digest "$secret")" >"$folder/codec-tokens.json"
  echo "Sign-in link of the codec server, with the role personal-data: http://localhost:8081/sign-in#token=$secret"
fi
if missing callbacks.json; then printf '{ "endpoints": {} }\n' >"$folder/callbacks.json"; fi
if missing policies.json; then printf '{ "policies": {} }\n' >"$folder/policies.json"; fi
if missing verifik-client-token; then
  echo "Next: write your API token of Verifik to $folder/verifik-client-token" >&2
  exit 1
fi
