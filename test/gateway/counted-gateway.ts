import { type CallOptions, OnboardingClient } from '../../client/index.js';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { openRealServers } from '../e2e/real-servers.js';
import { CONTACT_KEY, runGateway } from './running.js';

/** Counts the queries of the status and of events, which cost a worker's time. */
class CountingClient extends OnboardingClient {
  asked = 0;

  override status(workflowId: string, options?: CallOptions) {
    this.asked += 1;
    return super.status(workflowId, options);
  }

  override events(workflowId: string, options?: CallOptions & { readonly after?: number }) {
    this.asked += 1;
    return super.events(workflowId, options);
  }
}

/** A gateway with a worker and a sandbox, whose queries are counted. */
export const openCountedGateway = async () => {
  const real = await openRealServers();
  await real.startWorker();
  const client = new CountingClient(real.temporal, { contactKey: CONTACT_KEY });
  const gateway = await runGateway({ temporal: real.temporal, client });
  const people = inventPeople(47, 100).values();
  return {
    real,
    client,
    gateway,
    nextPerson: (): Person => {
      const person = people.next().value;
      if (person === undefined) throw new Error('everybody has been met');
      return person;
    },
    close: async () => {
      await gateway.close();
      await real.close();
    },
  };
};
