import { SECOND_MS } from '../../shared/time.js';
import { command } from '../command.js';
import { CliFailure } from '../failures.js';
import { plain } from '../format/text.js';

const TIMEOUT_MS = 30 * SECOND_MS;

export const setup = command({
  name: 'setup',
  describe: 'Register the search attributes of onboardings in the namespace. May be repeated.',
  examples: {
    'verifik-onboarding setup': 'Once for each namespace, and before workers of a new version.',
    'verifik-onboarding setup --json | jq .registered': 'The names that were not there before.',
  },
  run: async ({ call: { timeoutMs = TIMEOUT_MS }, show }, { connectServer }) => {
    const { connection, namespace } = await connectServer();
    const [{ registerSearchAttributes, SearchAttributeError }, { toOnboardingError }] = await Promise.all([
      import('../../client/search-attributes.js'),
      import('../../client/errors.js'),
    ]);
    const { registered, present } = await connection
      .withDeadline(Date.now() + timeoutMs, () => registerSearchAttributes(connection, namespace))
      .catch((error: unknown) => {
        throw error instanceof SearchAttributeError
          ? new CliFailure('failed', error.message)
          : toOnboardingError(error);
      });
    show({ namespace, registered, present }, [
      `namespace   ${plain(namespace)}`,
      ...registered.map((name) => `registered  ${name}`),
      ...present.map((name) => `present     ${name}`),
    ]);
  },
});
