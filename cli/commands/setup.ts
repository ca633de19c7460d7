import { count } from '../../shared/settings.js';
import { SECOND_MS } from '../../shared/time.js';
import { command, flag, option } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { plain } from '../format/text.js';
import type { EnsuredNamespace } from '../namespace.js';

const TIMEOUT_MS = 30 * SECOND_MS;

const DEFAULT_RETENTION_DAYS = 30;

const days = (number: number): string => (number === 1 ? '1 day' : `${number} days`);

/** Describes the retention of a namespace that was created, or whose retention is not the requested one. */
const aboutRetention = ({ created, retentionDays }: EnsuredNamespace, requested: number | undefined): string => {
  if (retentionDays === undefined)
    return requested === undefined ? '' : ', exists with its own retention, which is unchanged';
  if (created) return `, created with a retention of ${days(retentionDays)}`;
  const isOther = requested !== undefined && requested !== retentionDays;
  return isOther ? `, exists with a retention of ${days(retentionDays)}, which is unchanged` : '';
};

export const setup = command({
  name: 'setup',
  describe: 'Register the search attributes of onboardings in the namespace, and create it if asked. May be repeated.',
  options: {
    createNamespace: flag('create the namespace if it does not exist; on Temporal Cloud, create it there'),
    retention: option(
      '<days>',
      `the days for which the created namespace keeps closed workflows; default ${DEFAULT_RETENTION_DAYS}`,
      count(1, 3_650),
    ),
  },
  examples: {
    'verifik-onboarding setup': 'Once for each namespace, and before workers of a new version.',
    'verifik-onboarding setup --create-namespace --retention 90': 'Creates the namespace first, if it is missing.',
    'verifik-onboarding setup --json | jq .registered': 'The names that were not there before.',
  },
  run: async ({ options, call: { timeoutMs = TIMEOUT_MS }, show }, { connectServer }) => {
    const { createNamespace = false, retention = DEFAULT_RETENTION_DAYS } = options;
    if (options.retention !== undefined && !createNamespace)
      throw wrongUsage({ field: '--retention', expected: '--create-namespace with it' });
    const { connection, namespace } = await connectServer();
    const [{ registerSearchAttributes, SearchAttributeError }, { toOnboardingError }, { ensureNamespace }] =
      await Promise.all([
        import('../../client/lists/search-attributes.js'),
        import('../../client/errors.js'),
        import('../namespace.js'),
      ]);
    const prepare = async () => ({
      ensured: await ensureNamespace(connection, namespace, createNamespace ? retention : undefined),
      ...(await registerSearchAttributes(connection, namespace)),
    });
    const { ensured, registered, present } = await connection
      .withDeadline(Date.now() + timeoutMs, prepare)
      .catch((error: unknown) => {
        if (error instanceof CliFailure) throw error;
        throw error instanceof SearchAttributeError
          ? new CliFailure('failed', error.message)
          : toOnboardingError(error);
      });
    show({ namespace, ...ensured, registered, present }, [
      `namespace   ${plain(namespace)}${aboutRetention(ensured, options.retention)}`,
      ...registered.map((name) => `registered  ${name}`),
      ...present.map((name) => `present     ${name}`),
    ]);
  },
});
