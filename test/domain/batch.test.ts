import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { CHECK_NAMES, perCheck } from '../../domain/checks.js';
import { compare, type Known } from '../../domain/revalidation/comparing.js';
import { addResult, FINDINGS, NO_COUNTS, STEPS } from '../../domain/revalidation/counts.js';
import {
  AT_THE_START,
  decodeScanProgress,
  further,
  type ScanProgress,
  takenPerSecond,
  timeLeftMs,
} from '../../domain/revalidation/progress.js';
import {
  type BatchRequestInput,
  costOfOne,
  DEFAULT_BATCH,
  decodeBatchId,
  decodeBatchRequest,
  decodeRate,
  MAX_IDS,
  withinBudget,
} from '../../domain/revalidation/request.js';
import { REGISTRATION_STATUSES, type RegistrationStatus } from '../../domain/vendor-registration.js';
import { defined } from '../../shared/defined.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../shared/time.js';

const AUDIT: BatchRequestInput = { mode: 'audit', source: { kind: 'list', project: 'p' } };
const REVERIFY: BatchRequestInput = { mode: 'reverify', source: { kind: 'ids', ids: ['a'] }, checks: ['document'] };

const invalidFields = (input: unknown): readonly string[] => {
  const decoded = decodeBatchRequest(input);
  return E.isLeft(decoded) ? decoded.left.map(({ field }) => field) : [];
};

const decode = (input: unknown) => {
  const decoded = decodeBatchRequest(input);
  if (E.isLeft(decoded)) throw new Error(JSON.stringify(decoded.left));
  return decoded.right;
};

describe('a batch request', () => {
  it('is completed with defaults', () => {
    expect(decode(AUDIT)).toEqual({ ...DEFAULT_BATCH, ...AUDIT });
    expect(decode({ ...REVERIFY, tariff: { document: 4 }, invite: false })).toEqual({
      ...DEFAULT_BATCH,
      ...REVERIFY,
      tariff: { ...DEFAULT_BATCH.tariff, document: 4 },
      invite: false,
    });
  });

  it('contains each chosen check once, in the standard order', () => {
    const some = fc.array(fc.constantFrom(...CHECK_NAMES), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(some, (checks) => {
        const chosen = CHECK_NAMES.filter((check) => checks.includes(check));
        expect(decode({ ...REVERIFY, checks }).checks).toEqual(chosen);
      }),
    );
  });

  it.each([
    ['(root)', 'audit'],
    ['mode', { ...AUDIT, mode: 'look' }],
    ['source', { mode: 'audit' }],
    ['source.kind', { ...AUDIT, source: { kind: 'table' } }],
    ['source.project', { ...AUDIT, source: { kind: 'list' } }],
    ['source.projectFlow', { ...AUDIT, source: { kind: 'list', project: 'p', projectFlow: 'a flow' } }],
    ['source.statuses.1', { ...AUDIT, source: { kind: 'list', project: 'p', statuses: ['failed', 'notFound'] } }],
    ['source.createdBefore', { ...AUDIT, source: { kind: 'list', project: 'p', createdBefore: '2026-01-01' } }],
    ['source.createdAfter', { ...AUDIT, source: { kind: 'list', project: 'p', createdAfter: -1 } }],
    ['source.updatedBefore', { ...AUDIT, source: { kind: 'list', project: 'p', updatedBefore: 0.5 } }],
    ['source.updatedAfter', { ...AUDIT, source: { kind: 'list', project: 'p', updatedAfter: Number.NaN } }],
    ['source.createdBefore', { ...AUDIT, source: { kind: 'list', project: 'p', createdAfter: 2, createdBefore: 1 } }],
    ['source.updatedBefore', { ...AUDIT, source: { kind: 'list', project: 'p', updatedAfter: 2, updatedBefore: 2 } }],
    ['source.withinMs', { ...AUDIT, source: { kind: 'dueBefore', withinMs: -1 } }],
    ['source.ids', { ...AUDIT, source: { kind: 'ids', ids: [] } }],
    ['source.ids', { ...AUDIT, source: { kind: 'ids', ids: Array.from({ length: MAX_IDS + 1 }, () => 'a') } }],
    ['source.ids.1', { ...AUDIT, source: { kind: 'ids', ids: ['a', 'not an id'] } }],
    ['source.format', { ...AUDIT, source: { kind: 'file', format: 'xlsx' } }],
    ['checks.0', { ...REVERIFY, checks: ['papers'] }],
    ['callsPerSecond', { ...AUDIT, callsPerSecond: 0 }],
    ['callsPerSecond', { ...AUDIT, callsPerSecond: Number.POSITIVE_INFINITY }],
    ['creditBudget', { ...REVERIFY, creditBudget: -1 }],
    ['tariff.document', { ...REVERIFY, tariff: { document: 1.5 } }],
    ['dryRun', { ...AUDIT, dryRun: 'yes' }],
    ['deadlineMs', { ...REVERIFY, deadlineMs: MINUTE_MS - 1 }],
    ['deadlineMs', { ...REVERIFY, deadlineMs: 365 * DAY_MS + 1 }],
    ['invite', { ...REVERIFY, invite: 1 }],
    // Fields that do not exist.
    ['budget', { ...AUDIT, budget: 1 }],
    ['source.status', { ...AUDIT, source: { kind: 'list', project: 'p', status: 'FAILED' } }],
    ['source.projectFlow', { ...AUDIT, source: { kind: 'ids', ids: ['a'], projectFlow: 'f' } }],
    ['source.path', { ...AUDIT, source: { kind: 'file', format: 'csv', path: '/etc/passwd' } }],
    ['tariff.papers', { ...REVERIFY, tariff: { papers: 1 } }],
    // Fields that do not fit the mode.
    ['checks', { ...AUDIT, checks: ['email'] }],
    ['checks', { ...AUDIT, checks: [] }],
    ['creditBudget', { ...AUDIT, creditBudget: 100 }],
    ['checks', { mode: 'reverify', source: REVERIFY.source }],
    ['checks', { ...REVERIFY, checks: [] }],
  ])('is rejected if %s is wrong, and the error names only that field (%#)', (field, input) => {
    expect(invalidFields(input)).toEqual([field]);
  });

  it('names all invalid fields at once', () => {
    const wrong = { ...AUDIT, source: { kind: 'list' }, callsPerSecond: -1, deadlineMs: 0 };
    expect(new Set(invalidFields(wrong))).toEqual(new Set(['source.project', 'callsPerSecond', 'deadlineMs']));
  });

  it('never repeats invalid values in its errors', () => {
    const secret = 'secret.person@example.com';
    const read = decodeBatchRequest({ mode: secret, source: { kind: 'ids', ids: [secret] }, callsPerSecond: secret });
    expect(E.isLeft(read)).toBe(true);
    expect(JSON.stringify(read)).not.toContain('secret');
  });

  it('has an id that can be a file name, and a rate above zero', () => {
    for (const id of ['2026-06-audit', 'a', 'A.b_c-9']) expect(decodeBatchId(id)).toEqual(E.right(id));
    for (const id of ['', '.', '../x', 'a/b', 'a:b', 'a b', '-a', 'a'.repeat(81), 1])
      expect(decodeBatchId(id)).toMatchObject({ left: [{ field: 'batch' }] });
    for (const rate of [0.1, 1, 1_000]) expect(decodeRate(rate)).toEqual(E.right(rate));
    for (const rate of [0, -1, 0.016, 1_001, Number.NaN, '5', undefined])
      expect(decodeRate(rate)).toMatchObject({ left: [{ field: 'callsPerSecond' }] });
  });
});

const KNOWN: readonly (Known | undefined)[] = ['verified', 'rejected', 'expired', 'withdrawn', 'open', undefined];

const vendorRegistration = (status: RegistrationStatus) => ({ appRegistrationId: 'a', status, checks: {} });

describe('the finding of an audit', () => {
  // Rows: the known status. Columns: the status at the vendor.
  const [u, d, x, n] = ['match', 'mismatch', 'expired', 'unknownHere'] as const;
  const COLUMNS = ['completed', 'completedWithoutKyc', 'inProgress', 'needsReview', 'failed', 'sessionOver'] as const;
  it.each([
    ['verified', [u, u, d, d, d, d]],
    ['rejected', [d, d, u, u, u, x]],
    ['expired', [d, d, u, u, u, x]],
    ['withdrawn', [d, d, u, u, u, x]],
    ['open', [d, d, u, u, d, x]],
    [undefined, [n, n, n, n, n, x]],
  ] as const)('follows the table for the known status %s', (known, findings) => {
    expect(COLUMNS.map((status) => compare(vendorRegistration(status), known))).toEqual(findings);
  });

  it('is `unknownWord` if any status word is unknown', () => {
    const word = fc.string({ minLength: 1 });
    const check = fc.record({ result: fc.constantFrom('passed', 'pending' as const), unknownWord: word });
    const strange = fc.oneof(
      fc.record({ unknownWord: word, checks: fc.constant({}) }),
      fc.record({ checks: fc.constantFrom(...CHECK_NAMES).chain((name) => fc.record({ [name]: check })) }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...REGISTRATION_STATUSES),
        fc.constantFrom(...KNOWN),
        strange,
        (status, known, more) => {
          expect(compare({ ...vendorRegistration(status), ...more }, known)).toBe('unknownWord');
        },
      ),
    );
  });

  it('is never `match` if the vendor gives no status', () => {
    for (const known of KNOWN) expect(compare(vendorRegistration('unknown'), known)).not.toBe('match');
  });
});

const anyResult = fc.constantFrom(
  ...new Set([...Object.keys(FINDINGS), ...Object.keys(STEPS)] as (keyof typeof FINDINGS)[]),
);

describe('the counts of a batch', () => {
  it('add up to the total, with each registration in one result', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyResult, fc.nat(9))), (taken) => {
        const counts = taken.reduce((so, [result, credits]) => addResult(so, result, credits), NO_COUNTS);
        const { total, results, credits, badLines } = counts;
        expect(total).toBe(taken.length);
        expect(Object.values(results).reduce((sum, count) => sum + count, 0)).toBe(total);
        expect(credits).toBe(taken.reduce((sum, [, cost]) => sum + cost, 0));
        expect(badLines).toBe(0);
        for (const [result, count] of Object.entries(results))
          expect(count).toBe(taken.filter(([one]) => one === result).length);
      }),
    );
  });
});

describe('a budget', () => {
  const some = fc.record({
    checks: fc.subarray([...CHECK_NAMES], { minLength: 1 }),
    tariff: fc.record(perCheck(() => fc.nat(50))),
    creditBudget: fc.nat(1_000),
  });

  it('is spent up to the last applicant that it covers, and never exceeded', () => {
    fc.assert(
      fc.property(some, (request) => {
        const cost = costOfOne(request);
        expect(cost).toBe(request.checks.reduce((sum, check) => sum + request.tariff[check], 0));
        fc.pre(cost > 0);
        let spent = 0;
        while (withinBudget(request, spent)) spent += cost;
        expect(spent).toBeLessThanOrEqual(request.creditBudget);
        expect(spent).toBeGreaterThan(request.creditBudget - cost);
      }),
    );
  });

  it('is unlimited if it is absent', () => {
    const { checks, tariff } = { checks: ['document'] as const, tariff: DEFAULT_BATCH.tariff };
    expect(withinBudget({ checks, tariff }, Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(withinBudget({ checks, tariff, creditBudget: 0 }, 0)).toBe(false);
  });
});

const scannedTo = (taken: number, of?: number): ScanProgress => ({
  position: { taken },
  counts: { ...NO_COUNTS, total: taken },
  ...defined({ of }),
});

describe('the estimated time left', () => {
  it('is within 10 % at a steady rate', () => {
    const run = fc.record({
      rate: fc.double({ min: 0.2, max: 1_000, noNaN: true }),
      of: fc.integer({ min: 100, max: 1_000_000 }),
      since: fc.integer({ min: 0, max: 1e12 }),
      before: fc.double({ min: 0, max: 0.5, noNaN: true }),
      at: fc.double({ min: 0.2, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(run, ({ rate, of, since, before, at }) => {
        const takenBefore = Math.floor(of * before);
        const elapsed = Math.round(((of - takenBefore) * at * SECOND_MS) / rate);
        const taken = takenBefore + Math.floor((elapsed * rate) / SECOND_MS);
        const left = timeLeftMs(scannedTo(Math.min(taken, of), of), { since, takenBefore }, since + elapsed);
        const truly = (Math.max(of - taken, 0) * SECOND_MS) / rate;
        expect(Math.abs((left ?? Number.NaN) - truly)).toBeLessThanOrEqual(0.1 * truly + SECOND_MS / rate);
      }),
    );
  });

  it('is undefined before there is anything to measure', () => {
    const pace = { since: 1_000, takenBefore: 10 };
    expect(timeLeftMs(scannedTo(20), pace, 2_000)).toBeUndefined();
    expect(timeLeftMs(scannedTo(10, 100), pace, 2_000)).toBeUndefined();
    expect(timeLeftMs(scannedTo(20, 100), pace, 1_000)).toBeUndefined();
  });

  it('is zero at the end, even if the source has grown', () => {
    const pace = { since: 0, takenBefore: 0 };
    expect(timeLeftMs(scannedTo(100, 100), pace, 1_000)).toBe(0);
    expect(timeLeftMs(scannedTo(101, 100), pace, 1_000)).toBe(0);
  });

  it('is calculated from the time of the progress, not of the query', () => {
    const scan = { position: { taken: 100 }, counts: NO_COUNTS, of: 200, at: 10_000 };
    expect(timeLeftMs(scan, { since: 0, takenBefore: 0 }, 12_000)).toBe(8_000);
    expect(takenPerSecond(scan, { since: 0, takenBefore: 0 }, 12_000)).toBe(10);
  });
});

describe('the progress of a chunk', () => {
  it('is decoded unchanged, or rejected', () => {
    const scan = { ...scannedTo(5, 9), position: { taken: 5, page: 1, onPage: 5 } };
    expect(decodeScanProgress(JSON.parse(JSON.stringify(scan)))).toEqual(E.right(scan));
    for (const other of [undefined, {}, 3, { ...scan, counts: { ...scan.counts, results: { started: -1 } } }])
      expect(E.isLeft(decodeScanProgress(other))).toBe(true);
  });

  it('is the further of two, or the first if both are equal', () => {
    const first = scannedTo(5);
    expect(further(first, scannedTo(6)).position.taken).toBe(6);
    expect(further(scannedTo(6), first).position.taken).toBe(6);
    expect(further(first, scannedTo(5))).toBe(first);
    const called = { ...scannedTo(5), calledAt: 7 };
    expect(further(scannedTo(6), called)).toEqual({ ...scannedTo(6), calledAt: 7 });
    expect(further({ ...first, calledAt: 9 }, called)).toMatchObject({ calledAt: 9 });
    expect(AT_THE_START.taken).toBe(0);
  });
});
