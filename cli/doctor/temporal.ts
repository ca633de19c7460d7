import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { countStuck } from '../../client/stuck.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { describeError, examine, type Finding, Problem, skipped } from './finding.js';
import { examineWorkers } from './workers.js';

interface Target {
  readonly connection: Connection;
  readonly namespace: string;
  readonly taskQueue: string;
}

type Examination = readonly [about: string, fix: string, examination: (target: Target) => Promise<string>];

const examineNamespace = async ({ connection, namespace }: Target): Promise<string> => {
  await connection.workflowService.describeNamespace({ namespace });
  return `${namespace} exists`;
};

const SETUP = 'npm run temporal:setup';

const namesOf = (keys: readonly { readonly name: string }[]): string => keys.map(({ name }) => name).join(', ');

const examineAttributes = async ({ connection, namespace }: Target): Promise<string> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const all = Object.values(SEARCH_ATTRIBUTES);
  const missing = all.filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length > 0) throw new Problem(`missing: ${namesOf(missing)}`, `Register them: ${SETUP}.`);
  const mistyped = all.filter(
    ({ name, type }) => customAttributes[name] !== encodeSearchAttributeIndexedValueType(type),
  );
  if (mistyped.length > 0)
    throw new Problem(
      `of a wrong type: ${namesOf(mistyped)}`,
      'Temporal cannot change the type: use another namespace.',
    );
  return `all ${all.length} are registered`;
};

const FIX_STUCK =
  'List them: verifik-onboarding list --stuck. To bring them back, see docs/operating.md, "Onboardings whose workflow task keeps failing".';

const examineWorkflowTasks = async ({ connection, namespace }: Target): Promise<string> => {
  const { stuck, checked } = await countStuck({ workflowService: connection.workflowService, namespace });
  const limit = checked === undefined ? '' : `; only the newest ${checked} running onboardings were checked`;
  if (stuck === 0) return `no onboarding's workflow task keeps failing${limit}`;
  const found =
    stuck === 1 ? 'the workflow task of 1 onboarding keeps' : `the workflow tasks of ${stuck} onboardings keep`;
  throw new Problem(`${found} failing${limit}`, FIX_STUCK);
};

/** The examinations that need a connection. All but the first also need the namespace. */
const EXAMINATIONS: readonly Examination[] = [
  ['namespace', 'Check TEMPORAL_NAMESPACE and the credentials, or register the namespace.', examineNamespace],
  [
    'search attributes',
    `Check the credentials, which must allow listing them. ${SETUP} registers them.`,
    examineAttributes,
  ],
  [
    'workers',
    'Check the namespace and the credentials.',
    ({ connection, namespace, taskQueue }) => examineWorkers(connection, namespace, taskQueue),
  ],
  ['workflow tasks', 'Check the credentials.', examineWorkflowTasks],
];

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

const FIX_SERVER = 'Check TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS…, and that the server is running.';

const connect = async (
  { connectionOptions }: ConnectConfig,
  timeoutMs: number,
): Promise<readonly [Finding, Connection?]> => {
  const [about, address] = ['Temporal', connectionOptions.address ?? 'its default address'];
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const found = `server ${serverVersion || 'of unknown version'} at ${address}`;
    return [{ about, state: 'ok', found }, connection];
  } catch (error) {
    return [{ about, state: 'wrong', found: `no server at ${address}: ${describeError(error)}`, fix: FIX_SERVER }];
  }
};

const examineAll = async (target: Target): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const [about, fix, examination] of EXAMINATIONS)
    findings.push(
      findings[0] === undefined || findings[0].state === 'ok'
        ? await examine(about, fix, () => examination(target))
        : skipped(about, 'not examined without the namespace'),
    );
  return findings;
};

/** Examines the server, the namespace, its search attributes, the workers and the workflow tasks, in this order. */
export const examineTemporal = async (
  taskQueue: string,
  timeoutMs: number,
): Promise<{ readonly namespace: string; readonly findings: readonly Finding[] }> => {
  let config: ConnectConfig;
  try {
    config = loadClientConnectConfig();
  } catch {
    const fix = 'Check the TEMPORAL_… variables, and the file and the profile that they name.';
    const finding: Finding = { about: 'Temporal', state: 'wrong', found: 'the settings cannot be read', fix };
    return { namespace: 'default', findings: [finding] };
  }
  const { namespace = 'default' } = config;
  const [server, connection] = await connect(config, timeoutMs);
  if (connection === undefined) {
    const rest = EXAMINATIONS.map(([about]) => skipped(about, 'not examined without a server'));
    return { namespace, findings: [server, ...rest] };
  }
  const target = { connection, namespace, taskQueue };
  const findings = await connection.withDeadline(Date.now() + timeoutMs, () => examineAll(target));
  return { namespace, findings: [server, ...findings] };
};
