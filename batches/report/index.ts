export { csv } from './csv.js';
export { html } from './html.js';
export { summaryJson } from './json.js';
export { summaryMarkdown } from './markdown.js';
export { writeSummaries } from './write.js';
