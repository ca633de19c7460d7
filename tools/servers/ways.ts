/** One way to come by a server's executable. */
export interface Way {
  /** In words, for the message when no way worked: `temporal on PATH`. */
  readonly name: string;
  /** The executable's path. Rejects with the reason where this way does not work. */
  readonly find: (progress: Progress) => Promise<string>;
}

/** Told what is going on, in words, when something takes long. */
export type Progress = (what: string) => void;

/** Why each way did not work, and what would help. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim();

/** The first way that works; where none does, an error that names each and says why not. */
export const firstThatWorks = async (
  what: string,
  ways: readonly Way[],
  help: string,
  progress: Progress,
): Promise<string> => {
  const failures: string[] = [];
  for (const { name, find } of ways) {
    try {
      return await find(progress);
    } catch (error) {
      failures.push(`  - ${name}: ${reasonOf(error)}`);
    }
  }
  throw new NoServerError(`No way to come by ${what}. Tried:\n${failures.join('\n')}\n${help}`);
};
