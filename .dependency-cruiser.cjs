const { readFileSync } = require('node:fs');

/** The product's folders, from the top: each may import only from those below it. */
const LAYERS = [
  'gateway',
  'cli',
  'client',
  'codec-server',
  'worker',
  'activities',
  'workflows',
  'contract',
  'verifik',
  'codec',
  'domain',
  'shared',
];

const folders = (...names) => `^(${names.join('|')})/`;

const upwards = LAYERS.map((folder, index) => ({
  name: `${folder}-imports-from-below-only`,
  severity: 'error',
  from: { path: folders(folder) },
  to: { path: folders(...LAYERS.slice(0, index), 'tools', 'test') },
}));

const CLIENT = JSON.parse(readFileSync('packages/client/package.json', 'utf8'));

/** Everything that a backend installs, and what it may install for its key management service. */
const CLIENT_DEPENDENCIES = Object.keys({ ...CLIENT.dependencies, ...CLIENT.peerDependencies });

const PURE = [
  'domain/',
  'shared/(decoding|defined|markdown|masking|time)\\.ts',
  'node_modules/(@noble/hashes|canonicalize|fp-ts|io-ts|libphonenumber-js)/',
];

module.exports = {
  forbidden: [
    ...upwards,
    {
      name: 'callers-import-the-contract',
      comment: 'Callers know what workflows and activities agree on with them, never their code.',
      severity: 'error',
      from: { path: folders('gateway', 'cli', 'client', 'codec-server') },
      // The command line reads the files that batches leave.
      to: { path: folders('worker', 'activities', 'workflows'), pathNot: '^activities/revalidation/(files|report)/' },
    },
    {
      name: 'callers-leave-the-vendor-to-the-worker',
      comment: 'The gateway reads webhooks, and the command line checks the token and the contract with Verifik.',
      severity: 'error',
      from: {
        path: folders('gateway', 'cli', 'client', 'codec-server'),
        pathNot: '^(gateway/webhooks|cli/(doctor|contract))/',
      },
      to: { path: folders('verifik') },
    },
    {
      name: 'the-client-is-light',
      comment: 'A backend installs packages/client: its dependencies and nothing else.',
      severity: 'error',
      from: { path: '^client/index\\.ts$' },
      to: {
        path: 'node_modules/',
        pathNot: `node_modules/(${CLIENT_DEPENDENCIES.join('|')})/`,
        reachable: true,
      },
    },
    {
      name: 'codec-server-shows-payloads-only',
      comment: 'It knows how payloads are read and what in them is personal, and nothing of what is done with them.',
      severity: 'error',
      from: { path: folders('codec-server') },
      to: { path: folders('contract', 'client', 'cli') },
    },
    {
      name: 'activities-do-not-run-workflows',
      severity: 'error',
      from: { path: folders('activities') },
      to: { path: folders('workflows') },
    },
    {
      name: 'domain-is-pure',
      comment: 'No I/O, no Temporal, no clock.',
      severity: 'error',
      from: { path: folders('domain') },
      to: { pathNot: `^(${PURE.join('|')})` },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Only pure imports: no Node modules, no HTTP; of the vendor its status words alone.',
      severity: 'error',
      from: { path: folders('workflows'), pathNot: '^workflows/shared/tracing\\.ts$' },
      to: {
        pathNot: `^(${['workflows/', 'contract/', 'verifik/status-words\\.ts', 'node_modules/@temporalio/(workflow|common)/', ...PURE].join('|')})`,
      },
    },
    {
      name: 'traces-of-workflows-are-deterministic',
      comment: "Temporal's interceptors for workflows, which are made for them.",
      severity: 'error',
      from: { path: '^workflows/shared/tracing\\.ts$' },
      to: {
        pathNot:
          '^node_modules/(@opentelemetry/api|@temporalio/(workflow|common|interceptors-opentelemetry/lib/workflow))/',
      },
    },
    {
      name: 'contract-is-pure',
      comment: 'Workflows import it.',
      severity: 'error',
      from: { path: folders('contract') },
      to: { pathNot: `^(${['contract/', 'node_modules/@temporalio/common/', ...PURE].join('|')})` },
    },
    {
      name: 'only-workflows-know-the-workflow-api',
      severity: 'error',
      from: { pathNot: folders('workflows', 'examples', 'tools/bench', 'test') },
      to: { path: 'node_modules/@temporalio/workflow/' },
    },
    {
      name: 'http-goes-out-in-two-places',
      comment: 'To the vendor from verifik/, to the callback URLs of services from activities/callbacks/.',
      severity: 'error',
      from: { pathNot: folders('verifik', 'activities/callbacks', 'test') },
      to: { path: 'node_modules/node-fetch/' },
    },
    {
      name: 'files-of-batches-know-nothing-of-temporal',
      severity: 'error',
      from: { path: folders('activities/revalidation/(files|report)') },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { pathNot: folders('cli', 'test') },
      to: { path: folders('cli') },
    },
    {
      name: 'sandbox-imports-nothing-else',
      comment: 'It judges everything else, and is written from the facts alone.',
      severity: 'error',
      from: { path: folders('tools/sandbox') },
      to: { path: folders(...LAYERS, 'tools/(servers|processes|demo|bench|chaos)', 'test') },
    },
    {
      name: 'servers-import-shared-code-only',
      severity: 'error',
      from: { path: folders('tools/servers') },
      to: { path: folders(...LAYERS.slice(0, -1), 'tools/(sandbox|processes|demo|bench|chaos)', 'test') },
    },
    {
      name: 'nothing-imports-benchmarks-chaos-or-the-demo',
      severity: 'error',
      from: { path: folders('tools/(sandbox|servers|processes)') },
      to: { path: folders('tools/(bench|chaos|demo)') },
    },
    {
      name: 'the-judge-knows-nothing-of-the-judged',
      comment: 'It knows what applicants did, what the sandbox says, and the results: nothing of how they came about.',
      severity: 'error',
      from: { path: '^tools/chaos/(judging/|personas\\.ts)' },
      to: {
        path: `${folders(...LAYERS, 'tools/(servers|processes|demo)', 'tools/chaos/(plan|environment|driving|hunt)')}`,
      },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-test-code-elsewhere', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'nothing-unresolvable',
      comment: 'The exports of this package, which the examples import, exist once it is built.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^verifik-onboarding' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/.*/node_modules|tools/bench/alternatives/[^/]+)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
