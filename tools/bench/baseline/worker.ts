import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const baselineActivities = {
  nothing: async (): Promise<string> => 'nothing',
};

export type BaselineActivities = typeof baselineActivities;

// The worker of the baseline has the same settings and metrics as the real one, without encryption.
const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
const [taskQueue = 'baseline', healthPort = '0', metricsPort = '0'] = process.argv.slice(2);

Runtime.install({
  logger: new DefaultLogger('WARN'),
  telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } } },
});
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflow.js', import.meta.url)),
  activities: baselineActivities,
});
const health = createServer((_request, response) => {
  response.writeHead(worker.getState() === 'RUNNING' ? 200 : 503).end();
}).listen(Number(healthPort), '127.0.0.1');
try {
  await worker.run();
} finally {
  health.close();
  await connection.close();
}
