import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { backgroundTaskQueue, vendorTaskQueue } from '../../contract/task-queues.js';
import { SECOND_MS } from '../../shared/time.js';
import { FULL, renderResources, type Values } from './chart.js';
import { RULES, read } from './files.js';
import { PROCESSES } from './known-settings.js';
import { named, podOf } from './pods.js';

describe('the chart', () => {
  it('needs only what every cluster has, by default', async () => {
    const kinds = new Set((await renderResources()).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'Job',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
  });

  it.each([
    ['PersistentVolumeClaim', { batches: { volume: { enabled: true } } }],
    ['Ingress', { ingress: { enabled: true, gateway: { host: 'onboarding.example.com' } } }],
    ['ScaledObject', { keda: { enabled: true } }],
    ['PodMonitor', { prometheusOperator: { enabled: true } }],
    ['WorkerDeployment', { workerController: { enabled: true } }],
    ['HorizontalPodAutoscaler', { gateway: { autoscaling: { enabled: true } } }],
  ])('adds a %s with its option alone', async (added, values) => {
    expect((await renderResources({ values })).map(({ kind }) => kind)).toContain(added);
  });

  it('removes the setup and the network policies with their options', async () => {
    const values = { setup: { enabled: false }, networkPolicies: { enabled: false } };
    const kinds = (await renderResources({ values })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'Job' || kind === 'NetworkPolicy')).toEqual([]);
  });

  it.each([0, 3])('runs %i replicas of a process', async (replicas) => {
    const resources = await renderResources({ values: { worker: { replicas } } });
    expect(named(resources, 'Deployment', 'worker').spec).toMatchObject({ replicas });
  });

  it('adds labels, annotations and fields to every pod', async () => {
    const spec = { nodeSelector: { disk: 'ssd' }, imagePullSecrets: [{ name: 'registry' }] };
    const metadata = { labels: { team: 'a' }, annotations: { note: 'b' } };
    const values = { pod: { ...metadata, spec } };
    for (const component of [...PROCESSES, 'setup'])
      expect(await podOf(component, { values })).toMatchObject({ metadata, spec });
  });

  it('gives each process a grace period for the time in which it drains', async () => {
    for (const drainMs of [30_000, 120_000]) {
      const config = { ONBOARDING_SHUTDOWN_GRACE_MS: drainMs, GATEWAY_DRAIN_MS: `${drainMs}` };
      const values = { worker: { config }, gateway: { config } };
      const graceMsOf = async (component: string) =>
        ((await podOf(component, { values })).spec.terminationGracePeriodSeconds ?? 0) * SECOND_MS;
      expect(await graceMsOf('worker')).toBeGreaterThan(drainMs);
      // The gateway waits 8 s before it drains.
      expect(await graceMsOf('gateway')).toBeGreaterThan(drainMs + 8 * SECOND_MS);
    }
  });

  it('restarts the pods of a process when its settings change', async () => {
    const values = { gateway: { config: { GATEWAY_DRAIN_MS: 29_000 } } };
    const annotationsOf = async (component: string, changed?: Values) =>
      (await podOf(component, changed)).metadata.annotations;
    expect(await annotationsOf('gateway', { values })).not.toEqual(await annotationsOf('gateway'));
    expect(await annotationsOf('worker', { values })).toEqual(await annotationsOf('worker'));
    const common = { values: { config: { ONBOARDING_LOG_LEVEL: 'debug' } } };
    for (const process of PROCESSES)
      expect(await annotationsOf(process, common)).not.toEqual(await annotationsOf(process));
  });

  it('writes numbers as they are, and not with an exponent', async () => {
    const values = { worker: { config: { VERIFIK_TIMEOUT_MS: 12_345_678 } } };
    expect(named(await renderResources({ values }), 'ConfigMap', 'worker').data).toMatchObject({
      VERIFIK_TIMEOUT_MS: '12345678',
    });
  });

  it('runs the setup before the resources of the release exist', async () => {
    const values = { config: { TEMPORAL_NAMESPACE: 'ours' }, setup: { retentionDays: 7 } };
    const resources = await renderResources({ values });
    expect(named(resources, 'Job', 'setup').metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
    });
    const { spec } = await podOf('setup', { values });
    expect(spec.serviceAccountName).toBeUndefined();
    const [container] = spec.containers;
    expect(container?.args).toEqual(['setup', '--create-namespace', '--retention=7']);
    expect(container?.env).toContainEqual({ name: 'TEMPORAL_NAMESPACE', value: 'ours' });
    expect(container?.envFrom).toEqual([{ secretRef: { name: 'onboarding-temporal', optional: true } }]);
  });

  it('mounts the claim for batches in workers', async () => {
    const volume = { enabled: true, existingClaim: 'mine' };
    const { spec } = await podOf('worker', { values: { batches: { volume } } });
    expect(spec.volumes).toContainEqual({ name: 'batches', persistentVolumeClaim: { claimName: 'mine' } });
    expect((await podOf('worker', FULL)).spec.volumes).toContainEqual({
      name: 'batches',
      persistentVolumeClaim: { claimName: 'onboarding-batches' },
    });
  });

  it('has the alerts of rules.yaml for the Prometheus operator', async () => {
    expect(named(await renderResources(FULL), 'PrometheusRule', '').spec).toEqual(parse(read(RULES)));
  });

  it('scales workers by the backlog of all their task queues', async () => {
    const config = { ONBOARDING_TASK_QUEUE: 'queue', TEMPORAL_NAMESPACE: 'ours' };
    const values = { config, keda: { enabled: true, accounts: ['second'] } };
    const resources = await renderResources({ values });
    const queues = [
      'queue',
      backgroundTaskQueue('queue'),
      vendorTaskQueue('queue'),
      vendorTaskQueue('queue', 'second'),
    ];
    expect(named(resources, 'ScaledObject', 'worker').spec?.['triggers']).toEqual([
      ...queues.map((taskQueue) =>
        expect.objectContaining({ metadata: expect.objectContaining({ taskQueue, namespace: 'ours' }) }),
      ),
      expect.objectContaining({ type: 'cpu' }),
    ]);
    expect(named(resources, 'Deployment', 'worker').spec).not.toHaveProperty('replicas');
  });
});

describe('the network policies', () => {
  const egressOf = async (name: string, values: object = {}) =>
    named(await renderResources({ values }), 'NetworkPolicy', name).spec?.['egress'];
  const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
  const OUTSIDE = expect.objectContaining({ ipBlock: expect.objectContaining({ cidr: '0.0.0.0/0' }) });

  it('let Temporal be in a namespace of the cluster, or outside, at the port of its address', async () => {
    expect(await egressOf('to-temporal')).toEqual([{ to: [namespace('temporal')], ports: [{ port: 7233 }] }]);
    const values = {
      config: { TEMPORAL_ADDRESS: 'ours.a1b2c.tmprl.cloud:443' },
      networkPolicies: { namespaces: { temporal: '' } },
    };
    expect(await egressOf('to-temporal', values)).toEqual([
      { to: expect.arrayContaining([OUTSIDE]), ports: [{ port: 443 }] },
    ]);
  });

  it.each([
    ['http://collector.tracing:4318', 4318],
    ['https://collector.tracing/path', 443],
  ])('let workers and gateways reach the collector at %s', async (OTEL_EXPORTER_OTLP_ENDPOINT, port) => {
    const values = {
      config: { OTEL_EXPORTER_OTLP_ENDPOINT },
      networkPolicies: { namespaces: { collector: 'tracing' } },
    };
    for (const component of ['worker', 'gateway'])
      expect(await egressOf(`${component}-to-collector`, values)).toEqual([
        { to: [namespace('tracing')], ports: [{ port }] },
      ]);
    await expect(egressOf('worker-to-collector')).rejects.toThrow('there is no NetworkPolicy');
  });

  it('let the listed processes reach the internet, and all pods what further rules allow', async () => {
    const rule = { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [{ port: 80 }] };
    const values = { networkPolicies: { internet: ['worker', 'codec-server'], egress: [rule] } };
    const resources = await renderResources({ values });
    expect(named(resources, 'NetworkPolicy', 'to-internet').spec?.['podSelector']).toMatchObject({
      matchExpressions: [{ key: 'app.kubernetes.io/component', values: ['worker', 'codec-server'] }],
    });
    expect(await egressOf('default', values)).toContainEqual(rule);
  });
});
