import * as vega from 'vega';
import { compile } from 'vega-lite';
import type { CollectedSpan } from './trace-collector.js';

/** Readable on a light and on a dark background. */
const INK = '#808080';

const AXIS = { labelColor: INK, titleColor: INK, gridColor: INK, gridOpacity: 0.2, domain: false, ticks: false };

/** A span with its depth below the root. */
interface Row {
  readonly span: CollectedSpan;
  readonly depth: number;
}

const startOf = ({ startTimeUnixNano }: CollectedSpan): number => Number(startTimeUnixNano) / 1e6;
const endOf = ({ endTimeUnixNano }: CollectedSpan): number => Number(endTimeUnixNano) / 1e6;

const rowsBelow = (spans: readonly CollectedSpan[], parent: string, depth: number): readonly Row[] =>
  spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((one, other) => startOf(one) - startOf(other))
    .flatMap((span) => [{ span, depth }, ...rowsBelow(spans, span.spanId, depth + 1)]);

/** Draws a trace as SVG: a bar for each span below the caller's, in the order of the tree. */
export const drawTrace = (spans: readonly CollectedSpan[], caller: string): Promise<string> => {
  const rows = rowsBelow(spans, caller, 0);
  const begin = Math.min(...spans.map(startOf));
  const values = rows.map(({ span, depth }, index) => ({
    // The number keeps equal names apart. The axis omits it.
    row: `${String(index).padStart(3, '0')}${'· '.repeat(depth)}${span.name}`,
    from: startOf(span) - begin,
    to: Math.max(endOf(span) - begin, startOf(span) - begin + 2),
    service: span.service,
  }));
  const { spec } = compile({
    background: 'transparent',
    config: { font: 'Helvetica, Arial, sans-serif', view: { stroke: 'transparent' } },
    width: 420,
    height: { step: 15 },
    data: { values },
    mark: { type: 'bar', height: 9 },
    encoding: {
      y: {
        field: 'row',
        type: 'nominal',
        sort: null,
        title: null,
        axis: { ...AXIS, labelExpr: 'slice(datum.label, 3)', labelAlign: 'left', labelPadding: 280, labelLimit: 0 },
      },
      x: { field: 'from', type: 'quantitative', title: 'ms', axis: AXIS },
      x2: { field: 'to' },
      color: {
        field: 'service',
        type: 'nominal',
        title: null,
        scale: { range: ['#3b82c4', '#d98032'] },
        legend: { orient: 'top', labelColor: INK, labelLimit: 300 },
      },
    },
  });
  return new vega.View(vega.parse(spec)).toSVG();
};
