import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';

// Records the history of a workflow as JSON, so that a test can replay it for ever: `npm run history -- <workflow id> <file>`.
const [workflowId, file] = process.argv.slice(2);
if (workflowId === undefined || file === undefined) {
  process.stderr.write('Usage: npm run history -- <workflow id> <file>\n');
  process.exitCode = 64; // EX_USAGE of sysexits.h
} else {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    const history = await new Client({ connection, namespace }).workflow.getHandle(workflowId).fetchHistory();
    await writeFile(file, `${historyToJSON(history)}\n`);
    process.stdout.write(`${history.events?.length ?? 0} events of ${workflowId} written to ${file}\n`);
  } finally {
    await connection.close();
  }
}
