/** The Temporal servers of development and tests, and what the tests look at them and at the gateway with. */
export { findChromium } from './chromium.js';
export { type DevServer, type DevServerOptions, type SearchAttribute, startDevServer } from './dev-server.js';
export { findTemporalCli, findTimeSkippingServer } from './executables.js';
export { freePort } from './ports.js';
export { showProgress } from './progress.js';
export { findSchemathesis } from './schemathesis.js';
