/** The Temporal servers of development and tests. */
export { type DevServer, type DevServerOptions, type SearchAttribute, startDevServer } from './dev-server.js';
export { findTimeSkippingServer } from './executables.js';
export { freePort } from './ports.js';
export { showProgress } from './progress.js';
