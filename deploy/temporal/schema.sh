#!/bin/sh
# Makes Temporal's two databases where they are missing, and brings their schemas up to this server's version. May be repeated.
set -eu
SQL_PASSWORD="$(cat /run/secrets/postgres-password)"
export SQL_PASSWORD

prepare() {
  database="$1"
  schema="$2"
  temporal-sql-tool --database "$database" create-database
  # Fails where there is a schema already, which is then brought up to date.
  temporal-sql-tool --database "$database" setup-schema --version 0.0 2>/dev/null || true
  temporal-sql-tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
