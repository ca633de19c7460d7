import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productionLogs } from '../../../tools/chaos/environment/servers.js';
import { searchAll } from '../../../tools/chaos/judging/searching.js';
import {
  type Postgres,
  type ProductionServer,
  startPostgres,
  startProductionServer,
} from '../../../tools/servers/index.js';

const TIER = defineSearchAttributeKey('CustomerTier', 'KEYWORD');

describe('the production server', () => {
  let postgres: Postgres;
  let server: ProductionServer;
  let connection: Connection;
  let client: Client;

  beforeAll(async () => {
    postgres = await startPostgres();
    server = await startProductionServer({
      postgres,
      namespace: 'somewhere',
      searchAttributes: [TIER],
      headless: true,
    });
    connection = await Connection.connect({ address: server.address });
    client = new Client({ connection, namespace: server.namespace });
  });

  afterAll(async () => {
    await connection?.close();
    await server?.kill();
    await postgres?.stop();
  });

  const start = (workflowId: string) =>
    client.workflow.start('nobody-serves-this', {
      taskQueue: 'nobody-polls-this',
      workflowId,
      typedSearchAttributes: [{ key: TIER, value: 'gold' }],
    });

  const statusOf = async (workflowId: string) => (await client.workflow.getHandle(workflowId).describe()).status.name;

  const goldIds = async () => {
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: "CustomerTier = 'gold'" })) ids.push(workflowId);
    return ids.sort();
  };

  it('stores workflows in PostgreSQL, finds them by search attribute, and serves metrics', async () => {
    await start('a-first');
    expect(await statusOf('a-first')).toBe('RUNNING');
    await expect.poll(goldIds).toEqual(['a-first']);
    expect(await (await fetch(server.metricsUrl)).text()).toContain('service_requests');
    expect(await postgres.query('temporal', 'SELECT workflow_id FROM current_executions')).toContain('a-first');
  });

  it('loses no workflow when the server is killed', async () => {
    await start('before-its-crash');
    const pid = server.pid();
    await server.kill();
    await server.start();
    expect(server.pid()).not.toBe(pid);
    expect(await statusOf('before-its-crash')).toBe('RUNNING');
    await start('after-its-crash');
    await expect.poll(goldIds).toEqual(['a-first', 'after-its-crash', 'before-its-crash']);
  });

  it('loses no workflow when PostgreSQL is killed, and continues after its restart', async () => {
    await start('before-the-databases-crash');
    const pid = server.pid();
    await postgres.kill();
    await postgres.start();
    await expect.poll(() => statusOf('before-the-databases-crash').catch(String)).toBe('RUNNING');
    await client.workflow.getHandle('before-the-databases-crash').terminate();
    expect(await statusOf('before-the-databases-crash')).toBe('TERMINATED');
    expect(server.pid()).toBe(pid);
  });

  it('writes its log and that of PostgreSQL to the files that the chaos run searches for forbidden values', async () => {
    const asNumber = postgres.query('postgres', "SELECT 'canary-of-a-query'::int");
    await expect(asNumber).rejects.toThrow('canary-of-a-query');
    // The server logs a warning with the workflow id for such a large payload.
    await client.workflow.start('nobody-serves-this', {
      taskQueue: 'nobody-polls-this',
      workflowId: 'canary-of-a-workflow',
      args: ['x'.repeat(1_000_000)],
    });
    const canaries = ['query', 'workflow'].map((name) => ({ what: name, value: `canary-of-a-${name}` }));
    const found = async () =>
      (await searchAll(productionLogs(server, postgres), canaries)).map(({ found, seesMarker }) => ({
        found,
        seesMarker,
      }));
    await expect.poll(found).toEqual([
      { found: ['workflow'], seesMarker: true },
      { found: ['query'], seesMarker: true },
    ]);
    await client.workflow.getHandle('canary-of-a-workflow').terminate();
  });

  it('starts on the databases of a stopped server and keeps its workflows', async () => {
    await server.stop();
    server = await startProductionServer({
      postgres,
      namespace: 'somewhere',
      searchAttributes: [TIER],
      headless: true,
    });
    const again = await Connection.connect({ address: server.address });
    const counting = new Client({ connection: again, namespace: 'somewhere' });
    await expect.poll(async () => (await counting.workflow.count()).count).toBe(5);
    await again.close();
  });

  it('reports the output of PostgreSQL if its port is in use', async () => {
    await expect(startPostgres({ port: postgres.port })).rejects.toThrow(
      /PostgreSQL exited before it served.*Address already in use/s,
    );
  });
});
