const LIGHT = `
  --page: #ffffff;
  --raised: #f3f5f8;
  --ink: #1b2430;
  --soft: #55606e;
  --line: #cfd6de;
  --bar: #0b5cad;
  --attention: #b3501b;`;

const DARK = `
  --page: #11161c;
  --raised: #202833;
  --ink: #e9eef4;
  --soft: #a9b5c3;
  --line: #36414e;
  --bar: #84bcff;
  --attention: #f0a36b;`;

/** The style of the page: by day, by night and on paper. */
export const STYLE = `
:root { color-scheme: light dark; ${LIGHT}
  font: 100% / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 64rem; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; }
.lead { margin: 0.25rem 0 1.5rem; color: var(--soft); font-size: 1.1rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: 0.3rem 1.5rem; margin: 0; padding: 1rem; background: var(--raised); border-radius: 0.5rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.chart { display: block; width: 100%; max-width: 45rem; height: auto; margin-bottom: 1rem; font-size: 14px; }
.chart text { fill: var(--ink); }
.chart .axis { stroke: var(--line); }
.bar { fill: var(--bar); }
.bar.attention { fill: var(--attention); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.4rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
thead th { white-space: nowrap; }
tbody th { color: var(--ink); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.legend { margin: 0 0 0.5rem; color: var(--soft); font-size: 0.9rem; }
.legend span { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.3em; border-radius: 2px; background: var(--attention); }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.6rem; } .chart { font-size: 20px; } }
@media print {
  @page { margin: 1.5cm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
  tr, .chart, dl { break-inside: avoid; }
  .bar, .legend span { print-color-adjust: exact; }
}
`;
