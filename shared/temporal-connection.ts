import { MisconfiguredError } from './config.js';

/** Temporal cannot be reached, or refuses the connection. The message says what to check. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
  /** The reason that the system or the SDK gives. */
  readonly reason: string;

  constructor(address: string, cause: unknown) {
    super(
      `Temporal cannot be reached at ${address}: check that it runs, and TEMPORAL_ADDRESS, TEMPORAL_TLS… and TEMPORAL_API_KEY`,
      { cause },
    );
    this.reason = reasonOf(cause);
  }
}

// The worker's SDK shows the system's error as Rust prints it.
const SYSTEM_ERROR = /ConnectError\(.*(?:message|error): "([^"]+)"/;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return SYSTEM_ERROR.exec(error.message)?.[1] ?? error.message;
};

/** Opens a connection to Temporal. @throws TemporalUnreachableError; MisconfiguredError if a setting is wrong. */
export const reachTemporal = async <A>(address: string, open: () => Promise<A>): Promise<A> => {
  try {
    return await open();
  } catch (error) {
    throw error instanceof MisconfiguredError ? error : new TemporalUnreachableError(address, error);
  }
};
