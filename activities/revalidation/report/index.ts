export { csv } from './csv.js';
export { html } from './html.js';
export { summaryJson } from './json.js';
export { summaryMarkdown } from './markdown.js';
export { reportSoFar } from './so-far.js';
export type { Unfinished } from './words.js';
export { writeSummaries } from './write.js';
