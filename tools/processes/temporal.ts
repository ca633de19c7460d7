import { Client, Connection } from '@temporalio/client';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { onboardingDataConverter } from '../../client/index.js';
import type { KeyProvider } from '../../codec/index.js';
import type { DevServer } from '../servers/index.js';

/** Connects to a server with the encryption of onboardings. The caller closes the client's connection. */
export const connectClient = async (
  { address, namespace }: Pick<DevServer, 'address' | 'namespace'>,
  keyProvider: KeyProvider,
): Promise<Client> => {
  const dataConverter = await onboardingDataConverter({ namespace, keyProvider });
  return new Client({
    connection: await Connection.connect({ address, ...REPEATED_UNTIL_CLOSED }),
    namespace,
    dataConverter,
  });
};
