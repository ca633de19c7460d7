import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeScheduleInput } from '../../../client/batches/schedule-input.js';
import type { BatchScheduleInput } from '../../../domain/revalidation/schedule.js';

const decode = (change: Partial<BatchScheduleInput>) =>
  decodeScheduleInput({
    schedule: 'weekly',
    request: { mode: 'audit', source: { kind: 'list', project: 'p' } },
    ...change,
  });

const errorsOf = (change: Partial<BatchScheduleInput>) => {
  const read = decode(change);
  return E.isLeft(read) ? read.left.map(({ field, expected }) => `${field}: ${expected}`) : [];
};

describe('the cron expression of a schedule', () => {
  it.each([
    ['0 3 * * MON#1', 'numbers, names such as MON'],
    ['0 3 * * 1L', 'numbers, names such as MON'],
    ['0 3 LW * *', 'numbers, names such as MON'],
    ['0 3 ? * MON', 'numbers, names such as MON'],
    ['H 3 * * *', 'numbers, names such as MON'],
    ['0 3 * * MONDAY', 'numbers, names such as MON'],
    ['0 3 * * MON # each week', 'five fields'],
    ['# 0 3 * * MON', 'five fields'],
    ['0 0 3 * * MON', 'five fields'],
    ['0 0 3 * * MON 2030', 'five fields'],
    ['@reboot', 'five fields'],
    ['now and then', 'five fields'],
    ['CRON_TZ=America/Bogota 0 3 * * *', 'no time zone'],
    ['@every 6h', 'no interval'],
    ['0 0 30 2 *', 'a day that exists'],
    ['0 0 31 4,6,9,11 *', 'a day that exists'],
    ['0 3 1 * MON', 'a day of the month or of the week, not both'],
    ['60 * * * *', 'a cron expression'],
    ['0 3 * * FRI-MON', 'a cron expression'],
    ['*/0 * * * *', 'a cron expression'],
    ['0 3 * * FOO', 'a cron expression'],
  ])('%s is refused, as Temporal would read it differently or not at all', (cron, expected) => {
    expect(errorsOf({ cron })).toEqual([expect.stringContaining(`cron: ${expected}`)]);
  });

  it('has its blanks normalised, and may be a name', () => {
    expect(decode({ cron: ' 0  3\t* * MON ' })).toMatchObject({ right: { cron: '0 3 * * MON' } });
    expect(decode({ cron: '0 0 29 2 *' })).toMatchObject({ right: { cron: '0 0 29 2 *' } });
    expect(decode({ cron: '@daily' })).toMatchObject({ right: { cron: '@daily' } });
  });

  it('may have a time zone in any capitals, but not an offset', () => {
    const cron = '0 3 * * *';
    expect(decode({ cron, timeZone: 'america/BOGOTA' })).toMatchObject({ right: { timeZone: 'America/Bogota' } });
    expect(decode({ cron, timeZone: 'utc' })).toMatchObject({ right: { timeZone: 'UTC' } });
    const expected = ["timeZone: a time zone's name, such as America/Bogota"];
    expect(errorsOf({ cron, timeZone: '-05:00' })).toEqual(expected);
    expect(errorsOf({ cron, timeZone: 'Bogota' })).toEqual(expected);
  });
});
