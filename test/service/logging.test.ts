import { describe, expect, it } from 'vitest';
import { createLogger, temporalLogger } from '../../worker/logging.js';

const EMAIL = 'secret.person@example.com';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  write(createLogger('info', { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
};

describe("the worker's log", () => {
  it('holds no secret and no personal data, in fields or in texts', () => {
    const entries = logged((logger) => {
      logger.info(
        { token: TOKEN, email: EMAIL, contact: { email: EMAIL }, request: { fullName: 'Secret Person' } },
        'a',
      );
      logger.warn(`the vendor said ${EMAIL} has ${TOKEN}`);
      logger.error({ error: { message: `no ${EMAIL}` } }, 'b');
      temporalLogger(logger).error('c', { error: new Error(`bad ${TOKEN}`), workflowId: 'onboarding-1' });
    });
    expect(entries).toHaveLength(4);
    const text = JSON.stringify(entries);
    for (const secret of [EMAIL, TOKEN, 'Secret Person']) expect(text).not.toContain(secret);
  });

  it("carries Temporal's own entries with their level and fields", () => {
    const [entry] = logged((logger) => temporalLogger(logger).warn('workflow failed', { workflowId: 'onboarding-1' }));
    expect(entry).toMatchObject({ level: 'warn', msg: 'workflow failed', workflowId: 'onboarding-1' });
  });
});
