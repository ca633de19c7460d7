import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { DURATIONS } from '../../domain/measurements.js';
import { alerts, panels } from './files.js';
import { measure, type Pages } from './measured.js';
import { labelsByMetric, spokenOf } from './promql.js';

/** The series and labels that Prometheus adds to every scrape. */
const BY_PROMETHEUS = ['job', 'instance'];

/**
 * Metrics that appear only after failures or a longer time, with their labels and the reason why their names are right.
 */
const NOT_ALWAYS_THERE: Readonly<Record<string, { readonly labels: readonly string[]; readonly because: string }>> = {
  up: { labels: [], because: 'Prometheus makes it' },
  onboarding_undecodable_payloads_total: { labels: ['why', 'key_id'], because: 'a key has to be missing' },
  codec_server_undecoded_payloads_total: { labels: ['why'], because: 'a payload has to be unreadable' },
  onboarding_pending_reports_total: { labels: ['result'], because: 'reports have to come early, or many at once' },
  temporal_workflow_task_execution_failed_total: {
    labels: ['workflow_type', 'failure_reason'],
    because: 'the code has to throw',
  },
  temporal_activity_execution_failed_total: { labels: ['activity_type'], because: 'expected failures are not counted' },
  temporal_sticky_cache_miss_total: { labels: [], because: 'a workflow has to be pushed out of the cache' },
  temporal_sticky_cache_total_forced_eviction_total: { labels: [], because: 'a workflow task has to fail' },
  approximate_backlog_count: { labels: ['taskqueue', 'task_type'], because: 'tasks have to wait' },
};

const expressions = [
  ...panels().flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: `panel "${title}"`, expr }))),
  ...alerts().map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
];

describe('the expressions of the dashboard and the alerts', () => {
  let pages: Pages;
  let known: ReadonlyMap<string, ReadonlySet<string>>;

  beforeAll(async () => {
    pages = await measure();
    const shown = Object.values(pages).flatMap((page) => [...labelsByMetric(page)]);
    const listed = Object.entries(NOT_ALWAYS_THERE).map(([metric, { labels }]) => [metric, new Set(labels)] as const);
    // Several processes may have a metric of the same name.
    const all = new Map<string, Set<string>>();
    for (const [metric, labels] of [...shown, ...listed])
      all.set(metric, new Set([...(all.get(metric) ?? []), ...labels]));
    known = all;
  });

  it.each(expressions)('use existing metrics and labels: $where', ({ expr }) => {
    const { selectors, groupings } = spokenOf(expr);
    expect(selectors).not.toEqual([]);
    for (const { metric, labels } of selectors) {
      expect([...known.keys()]).toContain(metric);
      expect([...(known.get(metric) ?? []), ...BY_PROMETHEUS]).toEqual(expect.arrayContaining([...labels]));
    }
    const grouped = selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]);
    expect([...grouped, ...BY_PROMETHEUS]).toEqual(expect.arrayContaining([...groupings]));
  });

  it('find durations of onboardings in buckets from 10 seconds to 30 days', () => {
    for (const name of DURATIONS) {
      const buckets = [...pages.worker.matchAll(new RegExp(`^${name}_s_bucket.*le="([^"]+)"`, 'gm'))].map(
        ([, le]) => le,
      );
      expect(buckets).toEqual(expect.arrayContaining(['10', '86400', '2592000', '+Inf']));
    }
  });

  it('use every metric that is listed as rare', () => {
    const looked = new Set(expressions.flatMap(({ expr }) => spokenOf(expr).selectors.map(({ metric }) => metric)));
    expect([...looked]).toEqual(expect.arrayContaining(Object.keys(NOT_ALWAYS_THERE)));
  });

  it('use names of rare metrics that the SDK knows', () => {
    const bridge = createRequire(import.meta.url).resolve('@temporalio/core-bridge/package.json');
    const source = readFileSync(
      bridge.replace('package.json', 'sdk-core/crates/sdk-core/src/telemetry/metrics.rs'),
      'utf8',
    );
    for (const metric of Object.keys(NOT_ALWAYS_THERE).filter((name) => name.startsWith('temporal_')))
      expect(source).toContain(`"${metric.replace(/^temporal_|_total$/g, '')}"`);
  });
});
