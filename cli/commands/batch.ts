import { addBatchLooking } from '../batches/looking.js';
import { addBatchReport } from '../batches/report.js';
import { addBatchStart } from '../batches/start.js';
import { addBatchSteering } from '../batches/steering.js';
import type { CommandGroup } from '../groups.js';

/** `onboarding batch …`. */
export const addBatch: CommandGroup = (program, context) => {
  const group = program.command('batch').description('Re-validate many registrations: compare them, or ask again.');
  addBatchStart(group, context);
  addBatchLooking(group, context);
  addBatchReport(group, context);
  addBatchSteering(group, context);
};
