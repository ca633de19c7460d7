import { BatchClient } from '../../client/index.js';
import type { Audit } from '../results.js';
import { CALLS_PER_SECOND, type Servers } from '../setting/servers.js';

/** Ids are asked for one a call, so that calls are what it takes. */
const READ = 'GET /v2/app-registrations/:id';

/** An audit by ids, as fast as the limit of calls lets it. */
export const measureAudit = async ({ temporal, sandbox }: Servers, registrations: number): Promise<Audit> => {
  const { control } = sandbox;
  const former = new Set(await control.ids());
  await control.population({ count: registrations });
  const ids = (await control.ids()).filter((id) => !former.has(id));
  await control.resetBusiest();
  const batches = new BatchClient(temporal);
  const batch = `bench-${Date.now()}`;
  const before = (await control.totals()).calls[READ] ?? 0;
  const began = performance.now();
  await batches.start(
    { mode: 'audit', source: { kind: 'ids', ids }, assume: 'verified', callsPerSecond: CALLS_PER_SECOND },
    { batch },
  );
  await batches.result(batch);
  const seconds = (performance.now() - began) / 1_000;
  const { calls, busiest } = await control.totals();
  return {
    limit: CALLS_PER_SECOND,
    registrations,
    callsPerSecond: ((calls[READ] ?? 0) - before) / seconds,
    busiestTenSeconds: busiest.tenSeconds,
  };
};
