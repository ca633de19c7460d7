import { describe, expect, it } from 'vitest';
import { rowOf } from '../../cli/commands/list.js';
import { relative, tableOf } from '../../cli/format/text.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

describe('a relative time', () => {
  it.each([
    [400, 'now'],
    [-59 * SECOND_MS, '59 seconds ago'],
    [59.6 * SECOND_MS, 'in 1 minute'],
    [120 * MINUTE_MS, 'in 2 hours'],
    [120 * MINUTE_MS - 1, 'in 2 hours'],
    [-59 * MINUTE_MS - 50 * SECOND_MS, '1 hour ago'],
    [23 * HOUR_MS, 'in 23 hours'],
    [23 * HOUR_MS + 59 * MINUTE_MS, 'in 1 day'],
    [-29.9 * DAY_MS, '30 days ago'],
  ])('of %d ms is %s', (distance, text) => {
    expect(relative(1e12 + distance, 1e12)).toBe(text);
  });
});

describe('the table of onboardings', () => {
  const now = Date.now();
  const listed = (reference: string) =>
    rowOf(
      {
        workflowId: `onboarding-${reference}`,
        status: 'registering',
        execution: 'RUNNING',
        pending: CHECK_NAMES.slice(1),
        registrationIds: [],
        startedAt: new Date(now - 59 * MINUTE_MS),
        deadline: new Date(now + 364 * DAY_MS),
      },
      now,
    );

  it('shows the whole reference on a line of 80 characters, and shortens only longer references', () => {
    const table = (reference: string) =>
      tableOf(['reference', 'status', 'pending', 'started', 'deadline'], [listed(reference)], 80);
    expect(table('customer-47110000001')).toMatch(/\ncustomer-47110000001 /);
    expect(table('c'.repeat(100))).toMatch(/\nc{10,}… /);
    for (const reference of ['customer-47110000001', 'c'.repeat(100)])
      for (const line of table(reference).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
