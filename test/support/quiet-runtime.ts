import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Has the SDK of this process say errors alone. A process has one runtime, and runs one file of tests after the other. */
export const installQuietRuntime = (): void => {
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
  } catch {
    // A file before has installed it.
  }
};
