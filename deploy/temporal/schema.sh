#!/bin/sh
# Creates Temporal's two databases if they are missing, and updates their schemas to this server's version. Safe to repeat.
set -eu
SQL_PASSWORD="$(cat /run/secrets/postgres-password)"
export SQL_PASSWORD

prepare() {
  database="$1"
  schema="$2"
  temporal-sql-tool --database "$database" create-database
  # Fails if there is a schema already, which is then updated.
  temporal-sql-tool --database "$database" setup-schema --version 0.0 2>/dev/null || true
  temporal-sql-tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
