import { join } from 'node:path';
import { execa } from 'execa';
import * as t from 'io-ts';
import { parseAllDocuments } from 'yaml';
import { findHelm } from '../../tools/servers/index.js';
import { decodeOrThrow, TOP } from './files.js';

const CHART = join(TOP, 'deploy/helm');

/** The name of the release, and the prefix of its resources. */
export const RELEASE = 'onboarding';

/** A set of values: files of `deploy/helm/examples`, and values that override them. */
export interface Values {
  readonly examples?: readonly string[];
  readonly values?: object;
}

export const DEFAULTS: Values = {};
export const FULL: Values = { examples: ['full'] };

/** The sets of values with which the whole chart is checked. */
export const INSTALLATIONS = [
  { name: 'the defaults', namespace: 'defaults', values: DEFAULTS },
  { name: 'examples/full.yaml', namespace: 'full', values: FULL },
  {
    name: 'examples/worker-controller.yaml',
    namespace: 'worker-controller',
    values: { examples: ['full', 'worker-controller'] },
  },
] as const satisfies readonly { name: string; namespace: string; values: Values }[];

/** Runs Helm on the chart, with the values on standard input. */
const helm = async (command: readonly string[], { examples = [], values = {} }: Values): Promise<string> => {
  const files = examples.flatMap((name) => ['--values', join(CHART, 'examples', `${name}.yaml`)]);
  const executable = await findHelm(() => undefined);
  const args = [...command, CHART, '--namespace', RELEASE, ...files, '--values', '-'];
  return (await execa(executable, args, { input: JSON.stringify(values) })).stdout;
};

/** Renders the chart to YAML, as `helm install` would apply it. Rejects with Helm's error. */
export const renderChart = (values: Values = DEFAULTS): Promise<string> => helm(['template', RELEASE], values);

/** Renders the chart to manifests. Each is the text of a YAML document. */
export const renderManifests = async (values?: Values): Promise<readonly string[]> =>
  (await renderChart(values)).split(/^---$/m).filter((manifest) => manifest.trim() !== '');

export const lintChart = (values: Values): Promise<string> => helm(['lint', '--strict'], values);

const Resource = t.intersection([
  t.type({
    apiVersion: t.string,
    kind: t.string,
    metadata: t.intersection([
      t.type({ name: t.string }),
      t.partial({ annotations: t.record(t.string, t.string), labels: t.record(t.string, t.string) }),
    ]),
  }),
  t.partial({ spec: t.UnknownRecord, data: t.record(t.string, t.string) }),
]);

export type Resource = t.TypeOf<typeof Resource>;

export const renderResources = async (values?: Values): Promise<readonly Resource[]> =>
  parseAllDocuments(await renderChart(values)).map((document) =>
    decodeOrThrow(Resource, document.toJS(), 'the rendered chart'),
  );
