import pMap from 'p-map';
import { openOnboarding } from '../contenders.js';
import type { Servers } from '../setting/servers.js';

const CONCURRENCY = 50;

/**
 * Opens so many onboardings whose applicants do nothing, so that they stay open. Whoever is registered meanwhile waits; afterwards
 * applicants pass at once again. Answers with the workflow ids.
 */
export const openMore = async ({ client, sandbox }: Servers, count: number): Promise<readonly string[]> => {
  await sandbox.control.settings({ applicants: 'wait' });
  try {
    const open = await pMap(Array.from({ length: count }), () => openOnboarding(client, sandbox), {
      concurrency: CONCURRENCY,
    });
    return open.map(({ workflowId }) => workflowId);
  } finally {
    await sandbox.control.settings({ applicants: 'atOnce' });
  }
};
