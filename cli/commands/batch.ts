import { addBatchControl } from '../batches/control.js';
import { addBatchReport } from '../batches/report.js';
import { addBatchStart } from '../batches/start.js';
import { addBatchStatus } from '../batches/status.js';
import type { CommandGroup } from '../command.js';

export const addBatch: CommandGroup = (program, context) => {
  const group = program
    .command('batch')
    .description('Re-validate many registrations: compare them, or ask the applicants again.');
  addBatchStart(group, context);
  addBatchStatus(group, context);
  addBatchReport(group, context);
  addBatchControl(group, context);
};
