import { type ClientOptions, Connection } from '@temporalio/client';
import { type InternalConnectionOptions, InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { REPEATED_UNTIL_CLOSED } from '../../client/calls/ended-calls.js';
import { startTimeSkippingServer } from '../../tools/servers/index.js';
import { installQuietRuntime } from './quiet-runtime.js';

type TestClientOptions = Omit<ClientOptions, 'namespace' | 'connection'>;

/** The SDK's test environment with our own server process: the SDK waits only 5 s for its server to start. */
class TimeSkippingEnvironment extends TestWorkflowEnvironment {
  #killServer = async (): Promise<void> => {};

  static async open(client: TestClientOptions): Promise<TestWorkflowEnvironment> {
    const { address, kill } = await startTimeSkippingServer();
    const options: InternalConnectionOptions = {
      address,
      ...REPEATED_UNTIL_CLOSED,
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
    environment.#killServer = kill;
    return environment;
  }

  override async teardown(): Promise<void> {
    await super.teardown();
    await this.#killServer();
  }
}

/** Starts a time-skipping server and connects to it. Limits the SDK's log to errors. */
export const openTimeSkipping = (client: TestClientOptions = {}): Promise<TestWorkflowEnvironment> => {
  installQuietRuntime();
  return TimeSkippingEnvironment.open(client);
};
