import { TypedSearchAttributes } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { type ListedRun, pagesOfDue, type Visibility } from '../../../activities/revalidation/due-onboardings.js';
import { SEARCH_ATTRIBUTES } from '../../../contract/search-attributes.js';
import { AT_THE_START, type Position } from '../../../domain/revalidation/progress.js';
import { all, streamOf } from '../../support/batch-store.js';

interface Attributes {
  readonly reference?: string;
  readonly registration?: string;
  readonly batch?: string;
}

/** A run that ended at a time, and lasted for 10 ms. */
const runOf = (
  name: string,
  closedAt: number,
  { reference, registration = `r-${name}`, batch }: Attributes = {},
): ListedRun => ({
  workflowId: `onboarding-${name}`,
  runId: `${name}-${closedAt}`,
  startTime: new Date(closedAt - 10),
  closeTime: new Date(closedAt),
  typedSearchAttributes: new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.registrationIds, value: [registration] },
    ...(reference === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.reference, value: reference }]),
    ...(batch === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.batch, value: batch }]),
  ]),
});

/** Lists the due runs by their end, and all runs as those of the same customers. */
const visibilityOf = (due: readonly ListedRun[], others: readonly ListedRun[] = []): Visibility => {
  const upTo = (query: string) => Date.parse(/CloseTime < "(.+?)"/.exec(query)?.[1] ?? '9999-12-31');
  const endOf = ({ closeTime }: ListedRun) => closeTime?.getTime() ?? 0;
  return {
    list: (query) =>
      streamOf(
        query.includes('OnboardingValidUntil <')
          ? due.filter((run) => endOf(run) < upTo(query)).sort((a, b) => endOf(b) - endOf(a))
          : [...due, ...others],
      ),
    count: async () => due.length,
  };
};

const scan = async (visibility: Visibility, position: Position = AT_THE_START) => {
  const source = { kind: 'dueBefore', withinMs: 0 } as const;
  const pages = await all(pagesOfDue(source, { batch: 'b', position, dueBefore: 5_000 }, visibility));
  return pages.flatMap(({ entries }) => entries);
};

const idsOf = (entries: Awaited<ReturnType<typeof scan>>) => entries.map(({ appRegistrationId }) => appRegistrationId);

describe('the customers whose validity ends', () => {
  it.each([
    ['of the same reference', { reference: 'c' }, runOf('other', 200, { reference: 'c' })],
    ['of the same workflow id', {}, runOf('due', 200, { registration: 'another' })],
    ['of the same registration', {}, runOf('other', 200, { registration: 'r-due' })],
  ])('are without those who have a later onboarding %s', async (_of, attributes, later) => {
    const due = [runOf('due', 100, attributes), runOf('also', 90)];
    expect(idsOf(await scan(visibilityOf(due, [later])))).toEqual(['r-also']);
  });

  it('are found in spite of an earlier onboarding, and of the one that this batch has started', async () => {
    const due = [runOf('due', 100, { reference: 'c' })];
    const others = [runOf('a', 50, { reference: 'c' }), runOf('b', 200, { reference: 'c', batch: 'b' })];
    expect(idsOf(await scan(visibilityOf(due, others)))).toEqual(['r-due']);
    expect(await scan(visibilityOf(due, [runOf('b', 200, { reference: 'c', batch: 'another' })]))).toEqual([]);
  });

  it('are each found once, although some are erased and others end between two chunks', async () => {
    const due = Array.from({ length: 250 }, (_, index) => runOf(`n${index}`, 1_000 + Math.floor(index / 3)));
    const whole = await scan(visibilityOf(due));
    expect(whole).toHaveLength(due.length);
    for (const cut of [1, 2, 99, 100, 101, 249]) {
      const before = whole.slice(0, cut);
      const after = before.at(-1)?.after ?? AT_THE_START;
      const erased = idsOf(before.slice(0, Math.max(cut - 3, 0)));
      const left = due.filter(({ workflowId }) => !erased.includes(workflowId.replace('onboarding-', 'r-')));
      expect(await scan(visibilityOf([...left, runOf('new', 9_000)]), after)).toEqual(whole.slice(cut));
    }
  });
});
