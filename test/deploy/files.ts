import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { parse } from 'yaml';
import { decodeFields, describeFieldErrors } from '../../shared/decoding.js';

export const TOP = fileURLToPath(new URL('../../', import.meta.url));

export const read = (path: string): string => readFileSync(join(TOP, path), 'utf8');

/**
 * Decodes the content of a file or a response.
 *
 * @throws Error that names the wrong fields, after `path`.
 */
export const decodeOrThrow = <A>(codec: t.Type<A, unknown, unknown>, content: unknown, path: string): A => {
  const decoded = decodeFields(codec)(content);
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(`${path}: ${describeFieldErrors(decoded.left)}`);
};

/** Reads a YAML or JSON file with one document, and decodes it. */
export const readYaml = <A>(path: string, codec: t.Type<A, unknown, unknown>): A =>
  decodeOrThrow(codec, parse(read(path), { merge: true }), path);

const Compose = t.type({
  services: t.record(
    t.string,
    t.intersection([
      t.type({ image: t.string }),
      t.partial({
        command: t.array(t.string),
        build: t.UnknownRecord,
        environment: t.record(t.string, t.union([t.string, t.number])),
        secrets: t.array(t.string),
        stop_grace_period: t.string,
        healthcheck: t.UnknownRecord,
      }),
    ]),
  ),
  secrets: t.record(t.string, t.type({ file: t.string })),
});

export const compose = readYaml('deploy/compose.yaml', Compose);

const Rule = t.type({
  alert: t.string,
  expr: t.string,
  labels: t.type({ severity: t.keyof({ page: null, ticket: null }) }),
  annotations: t.type({ summary: t.string, description: t.string, runbook: t.string }),
});

export const RULES = 'deploy/prometheus/rules.yaml';

export const RulesFile = t.type({ groups: t.array(t.type({ name: t.string, rules: t.array(Rule) })) });

export const alerts = () => readYaml(RULES, RulesFile).groups.flatMap(({ rules }) => rules);

export const DASHBOARD = 'deploy/grafana/dashboards/onboarding.json';

const Dashboard = t.type({
  panels: t.array(
    t.intersection([
      t.type({ id: t.number, type: t.string, title: t.string }),
      t.partial({ targets: t.array(t.type({ expr: t.string })) }),
    ]),
  ),
});

export const panels = () => readYaml(DASHBOARD, Dashboard).panels;
