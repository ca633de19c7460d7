import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Spoken {
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  readonly groupings: readonly string[];
}

/** A variable that Grafana replaces by a duration. */
const WITHOUT_GRAFANA = /\$__(rate_interval|interval|range)/g;

/**
 * Parses an expression with Prometheus' grammar.
 *
 * @throws Error if the expression is invalid.
 */
export const spokenOf = (expression: string): Spoken => {
  const text = expression.replace(WITHOUT_GRAFANA, '5m');
  const selectors: { readonly metric: string; readonly labels: string[] }[] = [];
  const groupings: string[] = [];
  const textOf = ({ from, to }: Pick<SyntaxNode, 'from' | 'to'>) => text.slice(from, to);
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${text}`);
      if (node.name === 'VectorSelector') {
        const metric = node.node.getChild('Identifier');
        if (metric === null) throw new Error(`a selector without a metric: ${text}`);
        selectors.push({ metric: textOf(metric), labels: [] });
      }
      if (node.name !== 'LabelName') return;
      const grouping = node.node.parent?.name === 'GroupingLabels';
      (grouping ? groupings : (selectors.at(-1)?.labels ?? groupings)).push(textOf(node));
    },
  });
  return { selectors, groupings };
};

/** Reads the labels of each series on a metrics page, by name. Histograms have series with `_bucket` and so on. */
export const labelsByMetric = (page: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const labels = new Map<string, Set<string>>();
  for (const line of page.split('\n')) {
    const [, metric, inside = ''] = /^([a-z_:][\w:]*)(?:\{(.*)\})? /i.exec(line) ?? [];
    if (metric === undefined) continue;
    const known = labels.get(metric) ?? new Set();
    for (const [, label] of inside.matchAll(/([a-z_]\w*)="(?:[^"\\]|\\.)*"/gi))
      if (label !== undefined) known.add(label);
    labels.set(metric, known);
  }
  return labels;
};
