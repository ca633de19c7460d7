import { barChart } from './chart.js';
import { contentsOf, type ReportInput, type Section, type Table } from './contents.js';
import { inDigits } from './format.js';
import { Markup, markup, NOTHING } from './markup.js';
import { STYLE } from './style.js';

const cell = (value: string | number, index: number): Markup => {
  if (typeof value === 'number') return markup`<td class="number">${inDigits(value)}</td>`;
  return index === 0 ? markup`<th scope="row">${value}</th>` : markup`<td>${value}</td>`;
};

const tableOf = (id: string, { columns, rows }: Table): Markup => {
  const heads = columns.map((column, index) =>
    typeof rows[0]?.[index] === 'number'
      ? markup`<th scope="col" class="number">${column}</th>`
      : markup`<th scope="col">${column}</th>`,
  );
  return markup`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table aria-labelledby="${id}">
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map(cell)}</tr>`)}
</tbody>
</table>
</div>`;
};

const LEGEND = markup`<p class="legend"><span></span>needs attention</p>`;

const sectionOf = ({ id, title, words, bars, table }: Section): Markup => markup`<section>
<h2 id="${id}">${title}</h2>
${words === undefined ? NOTHING : markup`<p>${words}</p>`}
${bars === undefined ? NOTHING : [LEGEND, barChart(id, title, bars)]}
${table === undefined ? NOTHING : tableOf(id, table)}
</section>`;

/**
 * Renders the report as a page without scripts and external resources, with light, dark and print styles, for screen
 * readers too.
 */
export const html = (input: ReportInput): string => {
  const { title, lead, facts, sections } = contentsOf(input);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">${lead}</p>
</header>
<main>
<dl>
${facts.map(([label, value]) => markup`<dt>${label}</dt><dd>${value}</dd>`)}
</dl>
${sections.map(sectionOf)}
</main>
</body>
</html>
`.text;
};
