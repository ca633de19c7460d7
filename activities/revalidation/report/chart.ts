import type { Bar } from './contents.js';
import { inDigits } from './format.js';
import { type Markup, markup } from './markup.js';

const WIDTH = 720;
const LABELS = 160;
const NUMBERS = 110;
const ROW = 30;
const BAR = 18;
const MIN_BAR = 2;

const round = (n: number): number => Math.round(n * 10) / 10;

const drawn =
  (most: number) =>
  ({ label, count, attention }: Bar, index: number): Markup => {
    const full = WIDTH - LABELS - NUMBERS;
    // A count above zero is always visible.
    const width = count === 0 ? 0 : round(Math.max((count / most) * full, MIN_BAR));
    const middle = index * ROW + ROW / 2;
    return markup`<g>
<text class="label" x="${LABELS - 10}" y="${middle}" text-anchor="end" dominant-baseline="central">${label}</text>
<rect class="${attention ? 'bar attention' : 'bar'}" x="${LABELS}" y="${middle - BAR / 2}" width="${width}" height="${BAR}" rx="2"/>
<text class="count" x="${LABELS + width + 8}" y="${middle}" dominant-baseline="central">${inDigits(count)}</text>
</g>`;
  };

/** Draws a bar chart as SVG, with a title and a description for screen readers. */
export const barChart = (id: string, title: string, bars: readonly Bar[]): Markup => {
  const description = bars.map(({ label, count }) => `${label}: ${inDigits(count)}`).join(', ');
  const most = Math.max(...bars.map(({ count }) => count), 1);
  const height = bars.length * ROW;
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-chart-title ${id}-chart-words">
<title id="${id}-chart-title">${title}</title>
<desc id="${id}-chart-words">${description}. The same numbers are in the table below.</desc>
<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="0" y2="${height}"/>
${bars.map(drawn(most))}
</svg>`;
};
