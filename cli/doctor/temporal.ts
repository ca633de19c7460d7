import { Connection } from '@temporalio/client';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import {
  missingSearchAttributes,
  registerSearchAttributes,
  SearchAttributeError,
} from '../../client/lists/search-attributes.js';
import { countStuck } from '../../client/lists/stuck.js';
import { MisconfiguredError } from '../../shared/config.js';
import { documentPath } from '../../shared/package-files.js';
import { type TemporalConfig, temporalConfig } from '../../shared/temporal-config.js';
import { describeError, examine, type Finding, Problem, skipped } from './finding.js';
import { examineWorkers } from './workers.js';

interface Target {
  readonly connection: Connection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Register the search attributes that are missing. */
  readonly fix: boolean;
}

type Examination = readonly [about: string, fix: string, examination: (target: Target) => Promise<string>];

const examineNamespace = async ({ connection, namespace }: Target): Promise<string> => {
  await connection.workflowService.describeNamespace({ namespace });
  return `${namespace} exists`;
};

/** Returns the names of the missing attributes, and of those that were registered now. */
const findOrRegister = async ({ connection, namespace, fix }: Target) => {
  try {
    return fix
      ? { missing: [], ...(await registerSearchAttributes(connection, namespace)) }
      : { missing: await missingSearchAttributes(connection, namespace), registered: [] };
  } catch (error) {
    if (!(error instanceof SearchAttributeError)) throw error;
    throw new Problem(error.message, 'Temporal cannot change the type: use another namespace.');
  }
};

const examineAttributes = async (target: Target): Promise<string> => {
  const { missing, registered } = await findOrRegister(target);
  if (missing.length > 0)
    throw new Problem(`missing: ${missing.join(', ')}`, 'Register them: verifik-onboarding setup, or doctor --fix.');
  return registered.length > 0 ? `registered now: ${registered.join(', ')}` : 'all are registered';
};

const FIX_STUCK = `List them: verifik-onboarding list --stuck. To bring them back: ${documentPath('operating.md')}, "Onboardings whose workflow task keeps failing".`;

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
  [
    'namespace',
    'Check --namespace or TEMPORAL_NAMESPACE, and the credentials, or create it: verifik-onboarding setup --create-namespace.',
    examineNamespace,
  ],
  ['search attributes', 'Check the credentials, which must allow listing and registering them.', examineAttributes],
  [
    'workers',
    'Check the namespace and the credentials.',
    ({ connection, namespace, taskQueue }) => examineWorkers(connection, namespace, taskQueue),
  ],
  ['workflow tasks', 'Check the credentials.', examineWorkflowTasks],
];

const FIX_SERVER =
  'Check --address or TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS…, and that the server is running.';

const connect = async (
  { connectionOptions }: TemporalConfig,
  timeoutMs: number,
): Promise<readonly [Finding, Connection?]> => {
  const [about, { address }] = ['Temporal', connectionOptions];
  try {
    const connection = await Connection.connect({
      ...connectionOptions,
      ...REPEATED_UNTIL_CLOSED,
      connectTimeout: timeoutMs,
    });
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
  options: Pick<Target, 'taskQueue' | 'fix'>,
  timeoutMs: number,
): Promise<{ readonly namespace: string; readonly findings: readonly Finding[] }> => {
  let config: TemporalConfig;
  try {
    config = temporalConfig();
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    const fix = 'Check the TEMPORAL_… variables, and the file and the profile that they name.';
    const finding: Finding = { about: 'Temporal', state: 'wrong', found: error.message, fix };
    return { namespace: 'default', findings: [finding] };
  }
  const { namespace } = config;
  const [server, connection] = await connect(config, timeoutMs);
  if (connection === undefined) {
    const rest = EXAMINATIONS.map(([about]) => skipped(about, 'not examined without a server'));
    return { namespace, findings: [server, ...rest] };
  }
  const target = { connection, namespace, ...options };
  const findings = await connection.withDeadline(Date.now() + timeoutMs, () => examineAll(target));
  return { namespace, findings: [server, ...findings] };
};
