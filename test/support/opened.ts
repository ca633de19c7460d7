import { afterAll, beforeAll } from 'vitest';

/**
 * Opens an environment before the tests of the calling file or group, and closes it after them. The returned object has
 * the environment's properties from then on. `timeoutMs` limits the opening, by default to Vitest's `hookTimeout`.
 */
export const opened = <A extends { close(): Promise<void> }>(open: () => Promise<A>, timeoutMs?: number): A => {
  const environment = Object.create(null);
  beforeAll(async () => Object.assign(environment, await open()), timeoutMs);
  afterAll(() => environment.close?.());
  return environment;
};
