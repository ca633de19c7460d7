import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../shared/logging.js';
import { temporalLogger } from '../../worker/telemetry.js';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const logged = (write: (logger: ReturnType<typeof temporalLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  write(temporalLogger(createLogger('info', { write: (line: string) => void lines.push(line) })));
  return lines.map((line) => JSON.parse(line));
};

describe("the log of Temporal's SDK", () => {
  it('contains level and fields', () => {
    const [entry] = logged((logger) => logger.warn('workflow failed', { workflowId: 'onboarding-1' }));
    expect(entry).toMatchObject({ level: 'warn', msg: 'workflow failed', workflowId: 'onboarding-1' });
  });

  it("contains no secret of an error's message, which the native part of the SDK logs as a text", () => {
    const entries = logged((logger) => {
      logger.error('c', { error: new Error(`bad ${TOKEN}`) });
      logger.warn('d', { error: `bad ${TOKEN}` });
    });
    expect(entries).toMatchObject([{ error: { message: 'bad [token]' } }, { error: 'bad [token]' }]);
  });

  it('has no stack of a failure that an activity throws on purpose', () => {
    const error = ApplicationFailure.create({ type: 'CallbackMisconfigured', message: 'no such endpoint' });
    const [entry] = logged((logger) => logger.warn('Activity failed', { error }));
    expect(entry?.['error']).toEqual({
      name: 'ApplicationFailure',
      type: 'CallbackMisconfigured',
      message: 'no such endpoint',
    });
  });
});
