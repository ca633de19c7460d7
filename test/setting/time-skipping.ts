import { type ClientOptions, Connection } from '@temporalio/client';
import { type InternalConnectionOptions, InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { findTimeSkippingServer, freePort, startProcess, startServing } from '../../devserver/index.js';

type TestClientOptions = Omit<ClientOptions, 'namespace' | 'connection'>;

const isListening = async (address: string): Promise<boolean> => {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 }).catch(() => undefined);
  await connection?.close();
  return connection !== undefined;
};

// Java compiles once, and cleans up with one thread: the servers share two cores with what they are there for.
const SHORT_LIVED = { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };

const startServer = async () => {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const child = startProcess(await findTimeSkippingServer(() => undefined), [String(port)], { env: SHORT_LIVED });
  const server = await startServing('The time-skipping server', child, () => isListening(address));
  return { address, stop: server.kill };
};

/** The SDK's environment, with a server of ours: the SDK gives its own five seconds to start, which a busy machine may not do. */
class TimeSkippingEnvironment extends TestWorkflowEnvironment {
  #stopServer = async (): Promise<void> => {};

  static async open(client: TestClientOptions): Promise<TestWorkflowEnvironment> {
    const { address, stop } = await startServer();
    const options: InternalConnectionOptions = {
      address,
      [InternalConnectionOptionsSymbol]: { supportsTestService: true },
    };
    const environment = new TimeSkippingEnvironment(
      Runtime.instance(),
      { server: { type: 'existing' }, client, plugins: [] },
      true,
      'existing',
      await Connection.connect(options),
      await NativeConnection.connect({ address }),
      undefined,
      address,
    );
    environment.#stopServer = stop;
    return environment;
  }

  override async teardown(): Promise<void> {
    await super.teardown();
    await this.#stopServer();
  }
}

/** Starts a time-skipping server, and connects to it. */
export const openTimeSkipping = (client: TestClientOptions = {}): Promise<TestWorkflowEnvironment> =>
  TimeSkippingEnvironment.open(client);
