import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { opened } from '../support/opened.js';
import { startApiServer } from './api-server.js';
import { INSTALLATIONS, renderManifests } from './chart.js';
import { ASKED, INSTALLED_WITHIN_MS } from './tools.js';

/** Resources of the Worker Controller. No package registry has their definitions, so the API server refuses them. */
const UNDEFINED = /^apiVersion: temporal\.io\//m;

const SEPARATOR = '---\n';

const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};

const Pods = t.type({
  metadata: t.UnknownRecord,
  spec: t.type({ securityContext: t.UnknownRecord, containers: t.array(t.type({ name: t.string })) }),
});

const WithPods = t.type({ spec: t.type({ template: Pods }) });

const WithSpec = t.type({ kind: t.string, spec: t.UnknownRecord });

/** Like the API server, by YAML 1.1, in which 0440 is octal. */
const parsed = (manifest: string): unknown => parse(manifest, { version: '1.1' });

const podsOf = (manifests: readonly string[]) =>
  manifests.map(parsed).flatMap((manifest) => (WithPods.is(manifest) ? [manifest.spec.template] : []));

describe.skipIf(!ASKED)("Kubernetes' API server", { timeout: INSTALLED_WITHIN_MS }, () => {
  const server = opened(startApiServer, INSTALLED_WITHIN_MS);

  const apply = (input: string, ...options: readonly string[]) =>
    server.kubectl(['apply', '--server-side', '--warnings-as-errors', '-f', '-', ...options], input);

  /** Applies an installation to its namespace, which admits only restricted pods. */
  const install = async ({ values, namespace }: (typeof INSTALLATIONS)[number]) => {
    const manifests = await renderManifests(values);
    const metadata = { name: namespace, labels: RESTRICTED };
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }));
    // Otherwise made by a controller. The Job of the setup runs before the chart's own account exists.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await apply(JSON.stringify(account), '-n', namespace);
    const defined = manifests.filter((manifest) => !UNDEFINED.test(manifest));
    const output = await apply(defined.join(SEPARATOR), '-n', namespace);
    return { manifests, defined, output };
  };

  const createPods = (namespace: string, pods: readonly t.TypeOf<typeof Pods>[]) => {
    const items = pods.map(({ metadata, spec }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, generateName: 'pod-' },
      spec,
    }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    return server.kubectl(['create', '--warnings-as-errors', '-n', namespace, '-f', '-'], list);
  };

  it.each(INSTALLATIONS)(
    'accepts the chart with $name without warnings, twice, and then finds no difference',
    async (one) => {
      const applied = (await install(one)).output.trim().split('\n');
      const { defined } = await install(one);
      expect(applied).toHaveLength(defined.length);
      const diff = ['diff', '--server-side', '-n', one.namespace, '-f', '-'];
      expect(await server.kubectl(diff, defined.join(SEPARATOR))).toBe('');
    },
  );

  it.each(INSTALLATIONS)('admits the pods of the chart with $name', async (one) => {
    const pods = podsOf((await install(one)).manifests);
    const containers = pods.flatMap(({ spec }) => spec.containers.map(({ name }) => name));
    expect(containers.sort()).toEqual(['codec-server', 'gateway', 'setup', 'worker']);
    await createPods(one.namespace, pods);
  });

  it.each(INSTALLATIONS)('refuses an unknown field of any resource of the chart with $name', async (one) => {
    const { defined } = await install(one);
    for (const manifest of defined.map(parsed).filter(WithSpec.is)) {
      const wrong = JSON.stringify({ ...manifest, spec: { ...manifest.spec, unknownField: 1 } });
      const refused = apply(wrong, '-n', one.namespace, '--dry-run=server');
      await expect(refused, manifest.kind).rejects.toThrow('unknownField');
    }
  });

  it('refuses pods that run as root', async () => {
    const [defaults] = INSTALLATIONS;
    const { manifests } = await install(defaults);
    for (const { metadata, spec } of podsOf(manifests)) {
      const root = { ...spec, securityContext: { ...spec.securityContext, runAsUser: 0 } };
      const refused = createPods(defaults.namespace, [{ metadata, spec: root }]);
      await expect(refused).rejects.toThrow('violates PodSecurity "restricted:latest": runAsUser=0');
    }
  });
});
