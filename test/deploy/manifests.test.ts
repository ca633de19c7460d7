import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { SETTINGS as CODEC_SERVER_SETTINGS } from '../../codec-server/settings.js';
import { SETTINGS as GATEWAY_SETTINGS } from '../../gateway/settings.js';
import { SECOND_MS } from '../../shared/time.js';
import { SETTINGS as WORKER_SETTINGS } from '../../worker/settings.js';
import { alerts, RULES, read, readYaml, TOP, yamlIn } from './files.js';

const KUBERNETES = 'deploy/kubernetes';
const OPERATOR_RULES = `${KUBERNETES}/components/prometheus-operator/prometheus-rule.yaml`;

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

const compose = readYaml('deploy/compose.yaml', Compose);

const Labels = t.record(t.string, t.string);

const Pods = t.type({
  spec: t.intersection([
    t.type({
      securityContext: t.type({ runAsNonRoot: t.boolean, seccompProfile: t.type({ type: t.string }) }),
      automountServiceAccountToken: t.boolean,
      containers: t.array(
        t.type({
          name: t.string,
          securityContext: t.UnknownRecord,
          resources: t.UnknownRecord,
          volumeMounts: t.UnknownArray,
        }),
      ),
      volumes: t.array(t.intersection([t.type({ name: t.string }), t.UnknownRecord])),
    }),
    t.partial({ terminationGracePeriodSeconds: t.number }),
  ]),
  metadata: t.type({ labels: Labels }),
});

const WithPods = t.type({
  kind: t.string,
  metadata: t.type({ name: t.string }),
  spec: t.type({ template: Pods }),
});

const withPods = yamlIn(KUBERNETES).flatMap(({ file, content }) =>
  // A patch has no pod template, and other templates have no containers.
  WithPods.is(content) ? [{ file, ...content }] : [],
);

const Kustomization = t.type({
  configMapGenerator: t.array(t.type({ name: t.string, literals: t.array(t.string) })),
});

const configMaps = readYaml(`${KUBERNETES}/base/kustomization.yaml`, Kustomization).configMapGenerator;

const variables = (literals: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(literals.map((literal) => literal.split('=', 2)));

const TEMPORAL = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];

const envNames = (settings: Readonly<Record<string, { readonly env: string }>>): readonly string[] => [
  ...TEMPORAL,
  ...Object.values(settings).map(({ env }) => env),
];

const KNOWN = {
  worker: envNames(WORKER_SETTINGS),
  gateway: envNames(GATEWAY_SETTINGS),
  'codec-server': envNames(CODEC_SERVER_SETTINGS),
} as const;

const PROCESSES = ['worker', 'gateway', 'codec-server'] as const;

const secondsOf = (duration = ''): number => {
  const [, count, unit] = /^(\d+)([sm])$/.exec(duration) ?? [];
  return Number(count) * (unit === 'm' ? 60 : 1);
};

describe('compose.yaml', () => {
  it('sets only known settings of each process', () => {
    for (const name of PROCESSES)
      expect(KNOWN[name]).toEqual(expect.arrayContaining(Object.keys(compose.services[name]?.environment ?? {})));
  });

  it('gives each process a grace period for draining, and has a readiness check', () => {
    const graceMs = Number(compose.services['worker']?.environment?.['ONBOARDING_SHUTDOWN_GRACE_MS']);
    const drainMs = Number(compose.services['gateway']?.environment?.['GATEWAY_DRAIN_MS']);
    expect(secondsOf(compose.services['worker']?.stop_grace_period) * SECOND_MS).toBeGreaterThan(graceMs);
    expect(secondsOf(compose.services['gateway']?.stop_grace_period) * SECOND_MS).toBeGreaterThan(drainMs);
    for (const name of PROCESSES) expect(compose.services[name]?.healthcheck).toBeDefined();
  });

  it('pins every image, and uses only variables that .env.example has with the same default', () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/:(v?\d+\.\d+|\$\{\w+:-v?\d+\.\d+)/);
    const example = new Map(
      read('deploy/.env.example')
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line): [string, string] => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    const used = [...read('deploy/compose.yaml').matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    for (const [name = '', value] of used) expect({ [name]: example.get(name) }).toEqual({ [name]: value });
    expect(new Set(used.map(([name]) => name))).toEqual(new Set(example.keys()));
  });

  it('has its secrets in files that are excluded from git and the image', () => {
    const used = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets);
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['deploy/secrets/', 'deploy/.env']));
    const [all] = read('.dockerignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(all).toBe('*');
    const made = read('deploy/make-secrets.sh');
    for (const { file } of Object.values(compose.secrets))
      expect(made).toContain(file.replace('./secrets/', 'missing '));
  });
});

describe('the Kubernetes manifests', () => {
  it('set only known settings of each process', () => {
    const [common, ...others] = configMaps;
    const everywhere = [...KNOWN.worker, ...KNOWN.gateway, ...KNOWN['codec-server']];
    expect(everywhere).toEqual(expect.arrayContaining(Object.keys(variables(common?.literals ?? []))));
    expect(others.map(({ name }) => name)).toEqual(PROCESSES.map((name) => `onboarding-${name}`));
    for (const [index, name] of PROCESSES.entries())
      expect(KNOWN[name]).toEqual(expect.arrayContaining(Object.keys(variables(others[index]?.literals ?? []))));
  });

  it('give each process a grace period for draining', () => {
    const graceOf = (name: string) =>
      (withPods.find((one) => one.metadata.name === name)?.spec.template.spec.terminationGracePeriodSeconds ?? 0) *
      SECOND_MS;
    const settings = Object.assign({}, ...configMaps.map(({ literals }) => variables(literals)));
    expect(graceOf('onboarding-worker')).toBeGreaterThan(Number(settings['ONBOARDING_SHUTDOWN_GRACE_MS']));
    expect(graceOf('onboarding-gateway')).toBeGreaterThan(Number(settings['GATEWAY_DRAIN_MS']) + 8 * SECOND_MS);
  });

  it('meet the restricted pod security standard', () => {
    expect(withPods.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Deployment',
      'Deployment',
      'Job',
      'WorkerDeployment',
    ]);
    for (const { spec } of withPods.map((one) => one.spec.template)) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.automountServiceAccountToken).toBe(false);
      for (const { securityContext } of spec.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  it("run the same pods with the Worker Controller as in the workers' Deployment, with the shared volume", () => {
    const podsOf = (kind: string) =>
      withPods.find((one) => one.kind === kind && one.metadata.name === 'onboarding-worker')?.spec.template;
    const [pods, versioned] = [podsOf('Deployment'), podsOf('WorkerDeployment')];
    const shared = { name: 'batches', persistentVolumeClaim: { claimName: 'onboarding-batches' } };
    expect(versioned?.spec).toEqual({
      ...pods?.spec,
      volumes: pods?.spec.volumes.map((volume) => (volume.name === 'batches' ? shared : volume)),
    });
    // The base's kustomization adds it to the other resources.
    expect(versioned?.metadata.labels).toEqual({
      ...pods?.metadata.labels,
      'app.kubernetes.io/part-of': 'verifik-onboarding',
    });
  });

  it('have the same rules for the Prometheus operator as rules.yaml (UPDATE_RULES=1 writes them)', () => {
    const { groups } = parse(read(RULES));
    const rules = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'onboarding' },
      spec: { groups },
    };
    if (process.env['UPDATE_RULES'] === '1')
      writeFileSync(
        join(TOP, OPERATOR_RULES),
        `# Made from deploy/prometheus/rules.yaml.\n${stringify(rules, { lineWidth: 0 })}`,
      );
    expect(parse(read(OPERATOR_RULES))).toEqual(rules);
  });
});

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe('the alerts', () => {
  it.each(alerts())(
    '$alert says what to do, and where that is written',
    ({ annotations: { runbook, description } }) => {
      expect(description.length).toBeGreaterThan(40);
      const [file = '', anchor] = runbook.split('#');
      const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    },
  );
});
