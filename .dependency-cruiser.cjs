/** The doors between the rooms: a room may import only from the rooms below it. */
const ROOMS_FROM_THE_TOP = [
  'gateway',
  'cli',
  'client',
  'codec-server',
  'worker',
  'activities',
  'batches',
  'workflows',
  'verifik',
  'service',
  'codec',
  'domain',
];

const upwards = ROOMS_FROM_THE_TOP.map((room, index) => ({
  name: `${room}-imports-from-below-only`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: `^(${[...ROOMS_FROM_THE_TOP.slice(0, index), 'tools', 'test'].join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...upwards,
    {
      name: 'client-sees-the-contract-only',
      comment: 'The client knows the messages and search attributes of the workflows, never their code.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: '^(workflows/(?!messages\\.ts|search-attributes\\.ts|finding\\.ts|batch/(messages|ledger)\\.ts)|codec-server/|worker/|activities/|verifik/)',
      },
    },
    {
      name: 'gateway-goes-through-the-client',
      comment: 'Of the workflows it knows their contract, of the vendor its webhooks.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: {
        path: '^(workflows/(?!messages\\.ts|search-attributes\\.ts|finding\\.ts)|codec-server/|verifik/(?!webhooks\\.ts))',
      },
    },
    {
      name: 'cli-goes-through-the-client',
      comment: 'Of the workflows it knows their contract; its doctor alone asks Verifik something.',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/doctor/' },
      to: {
        path: '^(workflows/(?!messages\\.ts|search-attributes\\.ts|finding\\.ts|batch/messages\\.ts)|codec-server/|verifik/)',
      },
    },
    {
      name: 'doctor-knows-the-contracts-only',
      severity: 'error',
      from: { path: '^cli/doctor/' },
      to: {
        path: '^(workflows/(?!messages\\.ts|search-attributes\\.ts)|codec-server/|verifik/(?!index\\.ts))',
      },
    },
    {
      name: 'nobody-needs-the-benchmarks',
      severity: 'error',
      from: { pathNot: '^(tools/bench|test)/' },
      to: { path: '^tools/bench/' },
    },
    {
      name: 'nobody-sees-the-command-line',
      severity: 'error',
      from: { pathNot: '^(cli|test)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'worker-alone-meets-activities',
      severity: 'error',
      from: { path: '^(gateway|cli|client)/' },
      to: { path: '^(worker|activities)/' },
    },
    {
      name: 'codec-server-shows-payloads-only',
      comment: 'It knows how payloads are read and what in them is personal, and nothing of what is done with them.',
      severity: 'error',
      from: { path: '^codec-server/' },
      to: { path: '^(worker|activities|workflows|verifik)/' },
    },
    {
      name: 'batches-know-nothing-of-temporal',
      comment: 'Of the workflows they know how a batch ended, of the vendor nothing.',
      severity: 'error',
      from: { path: '^batches/' },
      to: { path: '^(workflows/(?!batch/messages\\.ts)|verifik/)|node_modules/@temporalio/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'No I/O, no Temporal, no clock.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { pathNot: '^(domain/|node_modules/(fp-ts|io-ts)/)' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Only pure imports: no Node modules, no HTTP; of the vendor its status words alone.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot:
          '^(workflows/|domain/|verifik/status-words\\.ts|node_modules/(fp-ts|io-ts|@temporalio/(workflow|common))/)',
      },
    },
    {
      name: 'only-workflows-know-the-workflow-api',
      severity: 'error',
      from: {
        path: '^(gateway|cli|client|codec-server|worker|activities|batches|verifik|service|codec)/|^tools/(?!bench/)',
      },
      to: { path: 'node_modules/@temporalio/workflow/' },
    },
    {
      name: 'http-goes-out-at-two-doors',
      comment: 'To the vendor from verifik/, to the callback URLs of services from activities/callbacks/.',
      severity: 'error',
      from: { path: '^(?!verifik/|activities/callbacks/|test/)' },
      to: { path: 'node_modules/node-fetch/' },
    },
    {
      name: 'sandbox-imports-nothing-of-ours',
      comment: 'It is the judge of everything else, and written from the facts alone.',
      severity: 'error',
      from: { path: '^tools/sandbox/' },
      to: { path: `^(${[...ROOMS_FROM_THE_TOP, 'tools/(?!sandbox/)', 'test'].join('|')})/` },
    },
    {
      name: 'devserver-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^tools/servers/' },
      to: { path: `^(${[...ROOMS_FROM_THE_TOP, 'test'].join('|')})/|^tools/(?!servers/)` },
    },
    {
      name: 'nobody-sees-chaos',
      severity: 'error',
      from: { pathNot: '^(tools/chaos|test)/' },
      to: { path: '^tools/chaos/' },
    },
    {
      name: 'the-judge-knows-nothing-of-the-judged',
      comment: 'What applicants did, what the sandbox says, and what came out: nothing of how it came about.',
      severity: 'error',
      from: { path: '^tools/chaos/(judging/|personas\\.ts)' },
      to: {
        path: `^(${[...ROOMS_FROM_THE_TOP, 'tools/(?!sandbox/|chaos/)', 'tools/chaos/(?!judging/|personas\\.ts)'].join('|')})`,
      },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-test-code-elsewhere', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/.*/node_modules|tools/bench/peers/[^/]+)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
