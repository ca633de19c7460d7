import type { Finding, Step } from '../../../domain/revalidation/counts.js';
import type { BadLine, OutcomeLine, ReportLine } from '../../../domain/revalidation/lines.js';

/** What somebody has to look at. */
const NEED_ATTENTION: ReadonlySet<string> = new Set<Finding | Step>([
  'drifted',
  'gone',
  'expired',
  'unknownWord',
  'uncontactable',
  'unreadable',
]);

/** True of a result of one registration that somebody has to look at. */
export const needsAttention = (result: string): boolean => NEED_ATTENTION.has(result);

/** The first of many, and how many more there are. */
export interface First<A> {
  readonly first: readonly A[];
  readonly more: number;
}

/** How many registrations are known here as one thing and stand at the vendor as another. */
export interface Drift {
  readonly known: string;
  readonly standing: string;
  readonly count: number;
}

/** What a report shows of its lines, whose number has no limit. */
export interface Seen {
  /** Of what has drifted; the most frequent first. */
  readonly drift: readonly Drift[];
  readonly attention: First<ReportLine>;
  readonly badLines: First<BadLine>;
  /** Onboardings that have ended, or failed, without an applicant that is verified. */
  readonly notVerified: First<OutcomeLine>;
}

export const SHOWN = { attention: 1_000, badLines: 100, notVerified: 1_000 } as const;

const firstOf = <A>(most: number) => {
  const first: A[] = [];
  let more = 0;
  return {
    add: (item: A) => {
      if (first.length < most) first.push(item);
      else more += 1;
    },
    seen: (): First<A> => ({ first, more }),
  };
};

const SEPARATOR = ' ';

/** Sees lines one by one, and keeps of them what a report shows. */
export const seeing = () => {
  const drift = new Map<string, number>();
  const attention = firstOf<ReportLine>(SHOWN.attention);
  const badLines = firstOf<BadLine>(SHOWN.badLines);
  const notVerified = firstOf<OutcomeLine>(SHOWN.notVerified);
  const drifts = (): readonly Drift[] =>
    [...drift]
      .map(([key, count]) => {
        const [known = '', standing = ''] = key.split(SEPARATOR);
        return { known, standing, count };
      })
      .sort((a, b) => b.count - a.count);
  return {
    line: (line: ReportLine) => {
      if (needsAttention(line.result)) attention.add(line);
      if (line.result !== 'drifted') return;
      const key = [line.known ?? '?', line.standing ?? '?'].join(SEPARATOR);
      drift.set(key, (drift.get(key) ?? 0) + 1);
    },
    badLine: badLines.add,
    outcome: (outcome: OutcomeLine) => {
      if (outcome.status !== 'verified' && outcome.status !== 'running') notVerified.add(outcome);
    },
    seen: (): Seen => ({
      drift: drifts(),
      attention: attention.seen(),
      badLines: badLines.seen(),
      notVerified: notVerified.seen(),
    }),
  };
};
