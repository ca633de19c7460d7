import { afterAll, beforeAll } from 'vitest';

/**
 * Opens an environment before the tests of the calling file or group, and closes it after them. The returned object has
 * the environment's properties from then on.
 */
export const opened = <A extends { close(): Promise<void> }>(open: () => Promise<A>): A => {
  const environment = Object.create(null);
  beforeAll(async () => Object.assign(environment, await open()));
  afterAll(() => environment.close?.());
  return environment;
};
