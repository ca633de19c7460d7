import * as t from 'io-ts';
import { RELEASE, type Resource, renderResources, type Values } from './chart.js';
import { decodeOrThrow } from './files.js';

const Labels = t.record(t.string, t.string);

const Probe = t.type({ httpGet: t.type({ path: t.string, port: t.string }) });

const Container = t.intersection([
  t.type({
    name: t.string,
    securityContext: t.UnknownRecord,
    resources: t.UnknownRecord,
    volumeMounts: t.array(t.type({ name: t.string, mountPath: t.string })),
  }),
  t.partial({
    args: t.array(t.string),
    env: t.array(t.type({ name: t.string, value: t.string })),
    envFrom: t.array(t.UnknownRecord),
    ports: t.array(t.type({ name: t.string, containerPort: t.number })),
    startupProbe: Probe,
    readinessProbe: Probe,
    livenessProbe: Probe,
  }),
]);

const Pods = t.type({
  metadata: t.intersection([t.type({ labels: Labels }), t.partial({ annotations: Labels })]),
  spec: t.intersection([
    t.type({
      securityContext: t.type({ runAsNonRoot: t.boolean, seccompProfile: t.type({ type: t.string }) }),
      automountServiceAccountToken: t.boolean,
      containers: t.array(Container),
      volumes: t.array(t.intersection([t.type({ name: t.string }), t.UnknownRecord])),
    }),
    t.partial({ terminationGracePeriodSeconds: t.number, serviceAccountName: t.string }),
  ]),
});

const Selector = t.union([
  t.intersection([
    t.type({ matchLabels: Labels }),
    t.partial({ matchExpressions: t.array(t.type({ key: t.string, values: t.array(t.string) })) }),
  ]),
  Labels,
]);

/** Returns the labels of the pods that a resource selects: one set for each value of its expression. */
export const selectionsOf = ({ kind, metadata: { name }, spec = {} }: Resource) => {
  const given = spec['selector'] ?? spec['podSelector'];
  if (given === undefined) return [];
  const selector = decodeOrThrow(Selector, given, `${kind} ${name}`);
  if (Labels.is(selector)) return [selector];
  const { matchLabels, matchExpressions = [] } = selector;
  const [expression] = matchExpressions;
  return expression?.values.map((value) => ({ ...matchLabels, [expression.key]: value })) ?? [matchLabels];
};

/** Returns a resource by its kind and the part of its name after the release's. */
export const named = (resources: readonly Resource[], kind: string, name: string): Resource => {
  const found = resources.find((one) => one.kind === kind && one.metadata.name === `${RELEASE}${name && `-${name}`}`);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
};

/** Returns the pod templates of all resources. */
export const podsOf = (resources: readonly Resource[]) =>
  resources.flatMap(({ kind, metadata: { name }, spec }) => {
    const template = spec?.['template'];
    return ['Deployment', 'Job', 'WorkerDeployment'].includes(kind)
      ? [{ kind, name, ...decodeOrThrow(Pods, template, `${kind} ${name}`) }]
      : [];
  });

/** Renders the chart, and returns the pods of a process. */
export const podOf = async (component: string, values?: Values) => {
  const found = podsOf(await renderResources(values)).find(({ name }) => name === `${RELEASE}-${component}`);
  if (found === undefined) throw new Error(`there are no pods of ${component}`);
  return found;
};
