import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../../../activities/revalidation/report/index.js';
import type { ReportLine } from '../../../domain/revalidation/lines.js';
import { all, mismatch, streamOf } from '../../support/batch-store.js';

describe('the report in CSV', () => {
  it('contains every line with every field', async () => {
    const full: ReportLine = {
      ordinal: 1,
      appRegistrationId: 'a1',
      result: 'started',
      status: 'completed',
      unknownWord: 'a,"b"\nc',
      known: 'open',
      workflowId: 'w',
      checks: ['email', 'phone'],
      problem: 'p',
    };
    const rows: unknown = parse((await all(csv(streamOf([full, mismatch(2)])))).join(''));
    expect(rows).toEqual([
      ['ordinal', 'appRegistrationId', 'result', 'status', 'unknownWord', 'known', 'workflowId', 'checks', 'problem'],
      ['1', 'a1', 'started', 'completed', 'a,"b"\nc', 'open', 'w', 'email phone', 'p'],
      ['2', 'r2', 'mismatch', 'failed', '', 'verified', '', '', ''],
    ]);
  });

  it('has no cell that a spreadsheet would evaluate as a formula', async () => {
    const dangerous = fc
      .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string())
      .map((both) => both.join(''));
    await fc.assert(
      fc.asyncProperty(dangerous, async (unknownWord) => {
        const line: ReportLine = { ordinal: 1, appRegistrationId: unknownWord, result: 'unknownWord', unknownWord };
        const written = (await all(csv(streamOf([line])))).join('');
        const rows: readonly (readonly string[])[] = parse(written, { record_delimiter: '\n' });
        expect(rows[1]?.[1]).toBe(`'${unknownWord}`);
        expect(rows[1]?.[4]).toBe(`'${unknownWord}`);
      }),
    );
  });
});
