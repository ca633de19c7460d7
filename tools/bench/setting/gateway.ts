import { type GatewayProcess, startGatewayProcess } from '../../processes/gateway-process.js';
import { freePort } from '../../servers/index.js';
import { CONTACT_KEY, type Servers } from './servers.js';

/** A gateway on these servers, whose one API key may do everything, as often as it likes. */
export const startBenchGateway = async ({
  server,
  keysFile,
  logFile,
  opened,
}: Pick<Servers, 'server' | 'keysFile' | 'logFile' | 'opened'>): Promise<GatewayProcess<'bench'>> =>
  opened.add(
    await startGatewayProcess({
      temporalAddress: server.address,
      namespace: server.namespace,
      address: `127.0.0.1:${await freePort()}`,
      metricsAddress: `127.0.0.1:${await freePort()}`,
      keys: { bench: { tenant: 'bench', scopes: ['start', 'read'], requestsPerMinute: 1_000_000 } },
      ...{ contactKey: CONTACT_KEY, keysFile, logFile },
    }),
  );
