/** A worker of your own with the onboardings in it: they share its connection, its process and its task queue. */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { OnboardingPlugin } from 'verifik-onboarding/worker';
import { activities } from './accounts.js';

const { TEMPORAL_ADDRESS: address = '127.0.0.1:7233', TASK_QUEUE: taskQueue = 'accounts' } = process.env;

const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  activities,
  plugins: [await OnboardingPlugin.open()],
});
try {
  await worker.run();
} finally {
  await connection.close();
}
