import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Limits the SDK's log to errors. */
export const installQuietRuntime = (): void => {
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
  } catch {
    // The process runs several test files and can install only one runtime.
  }
};
