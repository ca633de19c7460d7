import type { Finding, Step } from '../../../domain/revalidation/counts.js';
import type { BadLine, OutcomeLine, ReportLine } from '../../../domain/revalidation/lines.js';

const NEED_ATTENTION: ReadonlySet<string> = new Set<Finding | Step>([
  'mismatch',
  'notFound',
  'expired',
  'unknownWord',
  'noContact',
  'unreadable',
]);

/** True if an operator must look at registrations with this result. */
export const needsAttention = (result: string): boolean => NEED_ATTENTION.has(result);

/** The first items of a list, and the number of the others. */
export interface Truncated<A> {
  readonly first: readonly A[];
  readonly more: number;
}

/** The number of registrations with a given pair of known status and status at the vendor. */
interface Drift {
  readonly known: string;
  readonly status: string;
  readonly count: number;
}

/** The part of a report's lines that its summary shows, of limited size. */
export interface Highlights {
  /** The most frequent first. */
  readonly drift: readonly Drift[];
  readonly attention: Truncated<ReportLine>;
  readonly badLines: Truncated<BadLine>;
  /** Onboardings that ended with another outcome than `verified`, or failed. */
  readonly notVerified: Truncated<OutcomeLine>;
}

export const SHOWN = { attention: 1_000, badLines: 100, notVerified: 1_000 } as const;

const truncatedTo = <A>(limit: number) => {
  const first: A[] = [];
  let more = 0;
  return {
    add: (item: A) => {
      if (first.length < limit) first.push(item);
      else more += 1;
    },
    result: (): Truncated<A> => ({ first, more }),
  };
};

const SEPARATOR = ' ';

/** Collects the highlights of a report line by line. */
export const collectHighlights = () => {
  const drift = new Map<string, number>();
  const attention = truncatedTo<ReportLine>(SHOWN.attention);
  const badLines = truncatedTo<BadLine>(SHOWN.badLines);
  const notVerified = truncatedTo<OutcomeLine>(SHOWN.notVerified);
  const drifts = (): readonly Drift[] =>
    [...drift]
      .map(([key, count]) => {
        const [known = '', status = ''] = key.split(SEPARATOR);
        return { known, status, count };
      })
      .sort((a, b) => b.count - a.count);
  return {
    line: (line: ReportLine) => {
      if (needsAttention(line.result)) attention.add(line);
      if (line.result !== 'mismatch') return;
      const key = [line.known ?? '?', line.status ?? '?'].join(SEPARATOR);
      drift.set(key, (drift.get(key) ?? 0) + 1);
    },
    badLine: badLines.add,
    outcome: (outcome: OutcomeLine) => {
      if (outcome.status !== 'verified' && outcome.status !== 'running') notVerified.add(outcome);
    },
    highlights: (): Highlights => ({
      drift: drifts(),
      attention: attention.result(),
      badLines: badLines.result(),
      notVerified: notVerified.result(),
    }),
  };
};
