import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest files, which mostly wait. Vitest knows durations only from an earlier run. */
const SLOWEST = [
  'test/tools/chaos/hunt.test.ts',
  'test/e2e/batches.test.ts',
  'test/e2e/stuck.test.ts',
  'test/e2e/start.test.ts',
  'test/e2e/start-failures.test.ts',
  'test/e2e/ui.test.ts',
  'test/e2e/playground.test.ts',
  'test/e2e/front.test.ts',
  'test/e2e/worker-away.test.ts',
  'test/tools/chaos/chaos.test.ts',
  'test/client/erasure/erasure.test.ts',
  'test/gateway/schemathesis.test.ts',
  'test/e2e/upgrade.test.ts',
];

/** Starts the slowest files first, so that none of them runs alone in the end. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = SLOWEST.indexOf(relative(this.ctx.config.root, moduleId));
      return index === -1 ? SLOWEST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
