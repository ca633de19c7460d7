import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { floorActivities } from './activities.js';

// The worker of the floor, with the settings and the metrics of the real one: without encryption.
const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
const [taskQueue = 'floor', healthPort = '0', metricsPort = '0'] = process.argv.slice(2);

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
  activities: floorActivities,
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
