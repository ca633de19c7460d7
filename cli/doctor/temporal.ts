import { Connection, isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { countStuck } from '../../client/stuck.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { plain } from '../format/text.js';
import { type Finding, ok, skipped, wrong } from './finding.js';
import { examineWorkers } from './workers.js';

const ABOUT = {
  server: 'Temporal',
  namespace: 'namespace',
  attributes: 'search attributes',
  workers: 'workers',
  workflowTasks: 'workflow tasks',
} as const;

export interface TemporalExamination {
  readonly taskQueue: string;
  readonly timeoutMs: number;
}

const problemOf = (error: unknown): string =>
  plain(
    isGrpcServiceError(error)
      ? error.details || error.message
      : error instanceof Error
        ? error.message
        : 'an unknown error',
  );

const findingOf = (about: string, fix: string, examine: () => Promise<Finding>): Promise<Finding> =>
  examine().catch((error: unknown) => wrong(about, problemOf(error), fix));

const examineNamespace = ({ workflowService }: Connection, namespace: string): Promise<Finding> =>
  findingOf(ABOUT.namespace, 'Check TEMPORAL_NAMESPACE and the credentials, or register the namespace.', async () => {
    await workflowService.describeNamespace({ namespace });
    return ok(ABOUT.namespace, `${namespace} exists`);
  });

const examineAttributes = ({ operatorService }: Connection, namespace: string): Promise<Finding> => {
  const setup = 'npm run temporal:setup';
  return findingOf(
    ABOUT.attributes,
    `Check the credentials, which must allow listing them. ${setup} registers them.`,
    async () => {
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      const all = Object.values(SEARCH_ATTRIBUTES);
      const missing = all.filter(({ name }) => customAttributes[name] === undefined);
      const mistyped = all.filter(
        (key) =>
          customAttributes[key.name] !== undefined &&
          customAttributes[key.name] !== encodeSearchAttributeIndexedValueType(key.type),
      );
      if (missing.length > 0)
        return wrong(
          ABOUT.attributes,
          `missing: ${missing.map(({ name }) => name).join(', ')}`,
          `Register them: ${setup}.`,
        );
      if (mistyped.length > 0)
        return wrong(
          ABOUT.attributes,
          `of a wrong type: ${mistyped.map(({ name }) => name).join(', ')}`,
          'Temporal cannot change the type: use another namespace.',
        );
      return ok(ABOUT.attributes, `all ${all.length} are registered`);
    },
  );
};

const FIX_STUCK =
  'List them: onboarding list --stuck. To bring them back, see docs/operating.md, "Onboardings whose workflow task keeps failing".';

const examineWorkflowTasks = ({ workflowService }: Connection, namespace: string): Promise<Finding> =>
  findingOf(ABOUT.workflowTasks, 'Check the credentials.', async () => {
    const { stuck, checked } = await countStuck({ workflowService, namespace });
    const limit = checked === undefined ? '' : `; only the newest ${checked} running onboardings were checked`;
    if (stuck === 0) return ok(ABOUT.workflowTasks, `no onboarding's workflow task keeps failing${limit}`);
    const found =
      stuck === 1 ? 'the workflow task of 1 onboarding keeps' : `the workflow tasks of ${stuck} onboardings keep`;
    return wrong(ABOUT.workflowTasks, `${found} failing${limit}`, FIX_STUCK);
  });

const examineInNamespace = async (
  connection: Connection,
  namespace: string,
  taskQueue: string,
): Promise<readonly Finding[]> => [
  await examineAttributes(connection, namespace),
  await findingOf(ABOUT.workers, 'Check the namespace and the credentials.', () =>
    examineWorkers(connection, namespace, taskQueue),
  ),
  await examineWorkflowTasks(connection, namespace),
];

const connect = async (
  connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'],
  timeoutMs: number,
): Promise<readonly [Connection | undefined, Finding]> => {
  const address = connectionOptions.address ?? 'its default address';
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    return [connection, ok(ABOUT.server, `server ${serverVersion || 'of unknown version'} at ${address}`)];
  } catch (error) {
    const fix = 'Check TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS…, and that the server is running.';
    return [undefined, wrong(ABOUT.server, `no server at ${address}: ${problemOf(error)}`, fix)];
  }
};

/** Examines the server, the namespace, its search attributes, the workers and the workflow tasks, in this order. */
export const examineTemporal = async ({
  taskQueue,
  timeoutMs,
}: TemporalExamination): Promise<{ readonly namespace: string; readonly findings: readonly Finding[] }> => {
  let config: ReturnType<typeof loadClientConnectConfig>;
  try {
    config = loadClientConnectConfig();
  } catch {
    const fix = 'Check the TEMPORAL_… variables, and the file and the profile that they name.';
    return { namespace: 'default', findings: [wrong(ABOUT.server, 'the settings cannot be read', fix)] };
  }
  const { connectionOptions, namespace = 'default' } = config;
  const [connection, server] = await connect(connectionOptions, timeoutMs);
  const inNamespace = [ABOUT.attributes, ABOUT.workers, ABOUT.workflowTasks];
  if (connection === undefined) {
    const rest = [ABOUT.namespace, ...inNamespace];
    return { namespace, findings: [server, ...rest.map((about) => skipped(about, 'not examined without a server'))] };
  }
  return connection.withDeadline(Date.now() + timeoutMs, async () => {
    const namespaceFinding = await examineNamespace(connection, namespace);
    const rest =
      namespaceFinding.state === 'ok'
        ? await examineInNamespace(connection, namespace, taskQueue)
        : inNamespace.map((about) => skipped(about, 'not examined without the namespace'));
    return { namespace, findings: [server, namespaceFinding, ...rest] };
  });
};
