import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SUMMARY_NAMES } from '../../../activities/revalidation/files/store.js';
import { collectHighlights, SHOWN } from '../../../activities/revalidation/report/highlights.js';
import {
  html,
  summaryJson,
  summaryMarkdown,
  unfinishedReport,
  writeSummaries,
} from '../../../activities/revalidation/report/index.js';
import type { BatchResult } from '../../../contract/revalidation.js';
import { FINDINGS, NO_ONBOARDINGS, STEPS } from '../../../domain/revalidation/counts.js';
import { type BatchRequest, DEFAULT_BATCH } from '../../../domain/revalidation/request.js';
import { DAY_MS, HOUR_MS } from '../../../shared/time.js';
import { all, freshStore, linesOf, mismatch, streamOf } from '../../support/batch-store.js';

const AUDIT: BatchRequest = {
  ...DEFAULT_BATCH,
  mode: 'audit',
  source: { kind: 'list', project: 'p1', statuses: ['failed', 'completed'], createdAfter: Date.UTC(2026, 4, 1) },
};

const AUDITED: BatchResult = {
  batch: '2026-06-audit',
  mode: 'audit',
  dryRun: false,
  total: 1_234_567,
  results: { match: 1_234_500, mismatch: 60, notFound: 7 },
  badLines: 0,
  credits: 0,
  startedAt: Date.UTC(2026, 5, 1, 10),
  endedAt: Date.UTC(2026, 5, 2, 11, 30),
};

const REVERIFY: BatchRequest = {
  ...DEFAULT_BATCH,
  mode: 'reverify',
  source: { kind: 'file', format: 'csv' },
  checks: ['document', 'biometric'],
  tariff: { ...DEFAULT_BATCH.tariff, document: 3 },
  creditBudget: 5_000,
  deadlineMs: 30 * DAY_MS,
};

const REVERIFIED: BatchResult = {
  batch: 'r1',
  mode: 'reverify',
  dryRun: false,
  total: 1_250,
  results: { started: 1_240, alreadyRunning: 10 },
  badLines: 102,
  credits: 4_960,
  onboardings: { ...NO_ONBOARDINGS, verified: 1_200, rejected: 39, failed: 1 },
  stopped: 'budget',
  startedAt: Date.UTC(2026, 5, 1, 10),
  endedAt: Date.UTC(2026, 5, 1, 10) + HOUR_MS,
};

const NOT_ENDED = {
  batch: 'r1',
  mode: 'reverify',
  dryRun: false,
  startedAt: Date.UTC(2026, 5, 1, 10),
  asOf: Date.UTC(2026, 5, 1, 11),
  unfinished: 'scanning',
  onboardings: { ...NO_ONBOARDINGS, running: 2 },
} as const;

const NO_HIGHLIGHTS = collectHighlights().highlights();

const between = (whole: string, start: string, end: string): string =>
  whole.slice(whole.indexOf(start), whole.indexOf(end, whole.indexOf(start)));

describe('the reports of a batch', () => {
  it('contain the request, the times, and every result with its meaning', () => {
    for (const written of [summaryMarkdown, html]) {
      const page = written({ request: AUDIT, result: AUDITED, highlights: NO_HIGHLIGHTS });
      for (const said of [
        'Batch 2026',
        'list of project p1, status failed or completed, created after 2026-05-01 00:00:00 UTC'.replace("'", '&apos;'),
        '10 calls a second',
        '2026-06-01 10:00:00 UTC',
        '1d 1h 30m',
        '1,234,567',
        'under 0.1%',
      ])
        expect(page).toContain(said);
      const { dryRun: _, ...findings } = FINDINGS;
      for (const [finding, meaning] of Object.entries(findings)) {
        expect(page).toContain(finding);
        expect(page.replaceAll('&apos;', "'")).toContain(meaning);
      }
    }
  });

  it('of a reverify contain its checks, its credits, the outcomes of the onboardings, and whether it was a dry run', () => {
    const page = summaryMarkdown({ request: REVERIFY, result: REVERIFIED, highlights: NO_HIGHLIGHTS });
    for (const said of [
      'a CSV file',
      'document (3 credits), biometric (1 credit)',
      'up to 4,960, of a budget of 5,000',
      'yes, the credit budget is spent',
      '**Lines skipped**: 102',
      '**Dry run**: no',
    ])
      expect(page).toContain(said);
    for (const meaning of Object.values(STEPS)) expect(page).toContain(meaning);
    expect(page).toMatch(/\| verified +\| +1,200 \|/);
    expect(page).toMatch(/\| rejected +\| +39 \|/);

    const result = { ...REVERIFIED, dryRun: true };
    const dry = summaryMarkdown({ request: { ...REVERIFY, dryRun: true }, result, highlights: NO_HIGHLIGHTS });
    expect(dry).toContain('it would cost 4,960');
    expect(dry).toContain('yes: no onboarding was started');
    expect(dry).not.toContain('Outcomes of the onboardings');
  });

  it('of a batch that was cancelled after it had spent its budget say both, and what it did not reach', () => {
    const result = { ...REVERIFIED, stopped: 'cancelled', budgetSpent: true, unprocessed: 3_750 } as const;
    const page = summaryMarkdown({ request: REVERIFY, result, highlights: NO_HIGHLIGHTS });
    expect(page).toContain('**Stopped early**: yes, the credit budget was spent, and then it was cancelled');
    expect(page).toContain('**Not reached**: 3,750');
  });

  it('of a batch that found nothing begin with a warning that names its source', () => {
    const result = { ...AUDITED, total: 0, results: {} };
    const page = summaryMarkdown({ request: AUDIT, result, highlights: NO_HIGHLIGHTS });
    expect(page.split('\n\n')[1]).toMatch(
      /^Warning: Nothing was found.* Verifik's list of project p1, status failed or /,
    );
    const cancelled = { ...result, stopped: 'cancelled' as const };
    expect(summaryMarkdown({ request: AUDIT, result: cancelled, highlights: NO_HIGHLIGHTS })).not.toContain('Warning');
  });

  it('count mismatches by known status and status at Verifik', () => {
    const { line, highlights } = collectHighlights();
    for (const ordinal of [1, 2, 3]) line(mismatch(ordinal));
    line(mismatch(4, 'open'));
    line({ ordinal: 5, appRegistrationId: 'r5', result: 'match', status: 'completed', known: 'verified' });
    const input = { request: AUDIT, result: AUDITED, highlights: highlights() };
    expect(summaryMarkdown(input)).toMatch(/\| verified +\| failed +\| +3 \|\n\| open +\| failed +\| +1 \|/);
    expect(JSON.parse(summaryJson(input))).toMatchObject({
      batch: '2026-06-audit',
      results: AUDITED.results,
      needAttention: 4,
      drift: [
        { known: 'verified', status: 'failed', count: 3 },
        { known: 'open', status: 'failed', count: 1 },
      ],
      request: { source: { kind: 'list', project: 'p1' }, callsPerSecond: 10 },
    });
    expect(summaryMarkdown({ ...input, highlights: NO_HIGHLIGHTS })).toContain('## Drift\n\nNone.');
  });

  it('show the first items of long lists, and the number of others', () => {
    const { line, badLine, outcome, highlights } = collectHighlights();
    for (let n = 1; n <= SHOWN.attention + 1_500; n += 1) line(mismatch(n));
    for (let n = 1; n <= SHOWN.badLines + 2; n += 1) badLine({ line: n, expected: 'UTF-8' });
    outcome({ workflowId: 'reverify-b-1', status: 'verified' });
    outcome({ workflowId: 'reverify-b-2', appRegistrationId: 'x2', status: 'rejected' });
    const page = html({ request: REVERIFY, result: REVERIFIED, highlights: highlights() });
    const attention = between(page, 'id="attention"', '</table>');
    expect(attention).toContain('and 1,500 more in report.csv');
    expect(attention).toContain('<td>r1000</td>');
    expect(attention).not.toContain('<td>r1001</td>');
    const bad = between(page, 'id="bad-lines"', '</table>');
    expect(bad).toContain('and 2 more');
    expect(bad.match(/<th scope="row">/g)).toHaveLength(100);
    expect(page).toContain('<th scope="row">reverify-b-2</th><td>x2</td><td>rejected</td>'.replaceAll('><', '>\n<'));
    expect(page).not.toContain('reverify-b-1');
  });

  it('escape all values, and contain no scripts or external resources', () => {
    const { line, badLine, highlights } = collectHighlights();
    const evil = `"'><script>alert(1)</script><img src=x onerror=y>&amp;|x`;
    line({ ordinal: 1, appRegistrationId: evil, result: 'unknownWord', unknownWord: evil });
    badLine({ line: 1, expected: evil });
    const page = html({ request: AUDIT, result: AUDITED, highlights: highlights() });
    expect(page).not.toMatch(/<script|<img|<link|<iframe|https?:|@import|url\(/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&amp;amp;');
    const summary = summaryMarkdown({ request: AUDIT, result: AUDITED, highlights: highlights() });
    expect(summary).toContain('\\<script\\>');
    expect(summary).toContain('\\|x');
  });

  it('draw a proportional bar for every result, visible if its count is above zero', () => {
    const page = html({ request: AUDIT, result: AUDITED, highlights: NO_HIGHLIGHTS });
    const widths = [...page.matchAll(/<rect class="([^"]*)"[^>]* width="([\d.]+)"/g)].map(([, kind, width]) => [
      kind,
      Number(width),
    ]);
    expect(widths).toHaveLength(Object.keys(FINDINGS).length - 1);
    expect(widths[0]).toEqual(['bar', 450]);
    expect(widths[1]).toEqual(['bar attention', 2]);
    expect(widths[2]).toEqual(['bar', 0]);
    expect(page).toMatch(/<svg[^>]* role="img" aria-labelledby="results-chart-title results-chart-words">/);
    expect(page).toContain('match: 1,234,500, mismatch: 60');
  });

  it('of a dry run contain its registrations', () => {
    const result: BatchResult = { ...AUDITED, dryRun: true, total: 9, results: { dryRun: 9 } };
    expect(summaryMarkdown({ request: AUDIT, result, highlights: NO_HIGHLIGHTS })).toContain(FINDINGS.dryRun);
    expect(summaryMarkdown({ request: AUDIT, result: AUDITED, highlights: NO_HIGHLIGHTS })).not.toContain(
      FINDINGS.dryRun,
    );
  });
});

describe('writing the summaries', () => {
  it('writes all four files from the counted lines, and the same when repeated', async () => {
    const { store } = await freshStore();
    await store.writeLines('r1', 1, [...linesOf(1, 1_250), mismatch(1_250)]);
    // Lines of a scan that went further before it was repeated and stopped.
    await store.writeLines('r1', 1_251, [mismatch(1_251), mismatch(1_252)]);
    await store.writeBadLines('r1', 1, [{ line: 3, expected: 'UTF-8' }]);
    await store.writeOutcomes('r1', streamOf([{ workflowId: 'reverify-r1-x', status: 'expired' as const }]));
    const read = () => Promise.all(SUMMARY_NAMES.map(async (name) => text(await store.read('r1', name))));

    await writeSummaries(store, { request: REVERIFY, result: REVERIFIED });
    const [json = '', markdown, report = '', page] = await read();
    expect(report.split('\n')).toHaveLength(1 + 1_250 + 1);
    expect(JSON.parse(json)).toMatchObject({ needAttention: 1 });
    expect(markdown).toContain('UTF-8');
    expect(page).toContain('reverify-r1-x');

    await writeSummaries(store, { request: REVERIFY, result: REVERIFIED });
    expect(await read()).toEqual([json, markdown, report, page]);
  });

  it('writes summaries of a batch without results', async () => {
    const { store } = await freshStore();
    const result: BatchResult = { ...AUDITED, batch: 'none', total: 0, results: {}, endedAt: AUDITED.startedAt };
    await writeSummaries(store, { request: AUDIT, result });
    expect(await text(await store.read('none', 'summary.md'))).toContain('Warning: Nothing was found.');
    expect(await text(await store.read('none', 'report.html'))).not.toContain('NaN');
  });

  it('marks summaries of a running batch as unfinished, with the counts of the written lines', async () => {
    const { store } = await freshStore();
    const asked = (ordinal: number, result: 'started' | 'alreadyRunning') => ({
      ordinal,
      appRegistrationId: `r${ordinal}`,
      result,
    });
    await store.writeLines('r1', 1, [asked(1, 'started'), asked(2, 'alreadyRunning')]);
    // A repeated line counts once.
    await store.writeLines('r1', 2, [asked(2, 'started'), asked(3, 'alreadyRunning')]);
    await store.writeBadLines('r1', 4, [{ line: 4, expected: 'an id' }]);
    const soFar = async (name: (typeof SUMMARY_NAMES)[number]) =>
      (await all(unfinishedReport(store, { request: REVERIFY, state: NOT_ENDED }, name))).join('');
    const counts = { total: 3, results: { started: 2, alreadyRunning: 1 }, badLines: 1, credits: 8 };
    const { endedAt, ...json } = JSON.parse(await soFar('summary.json'));
    expect(json).toMatchObject({ ...NOT_ENDED, ...counts });
    expect(endedAt).toBeUndefined();
    for (const name of ['summary.md', 'report.html'] as const) {
      const page = await soFar(name);
      for (const said of ['r1 ', 'unfinished', 'So far, 3 registrations', 'not yet: it is scanning its source'])
        expect(page).toContain(said);
    }
    const rows = (await soFar('report.csv')).trim().split('\n');
    expect(rows.slice(1)).toEqual([
      expect.stringMatching(/^1,r1,started,/),
      expect.stringMatching(/^2,r2,started,/),
      expect.stringMatching(/^3,r3,alreadyRunning,/),
      ',,unfinished,,,,,,it is scanning its source: 3 registrations so far',
    ]);
  });
});
