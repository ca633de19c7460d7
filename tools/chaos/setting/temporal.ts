import type { Place } from '../judging/searching.js';

/** A Temporal server that can be killed and comes back with everything it had. */
export interface Temporal {
  readonly address: string;
  readonly namespace: string;
  killServer(): Promise<void>;
  startServer(): Promise<void>;
  /** The process of its database, where it has one. */
  readonly database?: { kill(): Promise<void>; start(): Promise<void> };
  /** What it says, and its database. */
  readonly logs: readonly Place[];
  /** Writes all that it keeps into the folder, as it is kept: the files. */
  dump(folder: string): Promise<readonly string[]>;
  close(): Promise<void>;
}
