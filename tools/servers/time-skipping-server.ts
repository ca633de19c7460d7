import type { DevServer } from './dev-server.js';
import { findTimeSkippingServer } from './executables.js';
import { freePort } from './ports.js';
import { startProcess } from './processes.js';
import { asked, startServing } from './serving.js';

/** Java compiles once, and cleans up with one thread: such a server lives for seconds, beside much else. */
const SHORT_LIVED = { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };

/**
 * Runs Temporal's time-skipping test server on the loopback interface, and answers when it serves. The SDK starts one as well, and gives up
 * after five seconds, in which a busy machine may not have started Java.
 */
export const startTimeSkippingServer = async (): Promise<Pick<DevServer, 'address' | 'kill'>> => {
  const executable = await findTimeSkippingServer(() => undefined);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const child = startProcess(executable, [String(port)], { env: SHORT_LIVED });
  const { kill } = await startServing('The time-skipping server', child, () => asked(address, async () => true));
  return { address, kill };
};
