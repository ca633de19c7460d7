import { describe, expect, it } from 'vitest';
import { createLogger } from '../../shared/logging.js';

const EMAIL = 'secret.person@example.com';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  write(createLogger('info', { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
};

describe('the log', () => {
  it('contains no secret and no personal data in fields or texts', () => {
    const entries = logged((logger) => {
      logger.info(
        { token: TOKEN, email: EMAIL, contact: { email: EMAIL }, request: { fullName: 'Secret Person' } },
        'a',
      );
      logger.warn(`the vendor said ${EMAIL} has ${TOKEN}`);
      logger.error({ error: { message: `no ${EMAIL}`, otp: '123456', selfie: 'aGVsbG8=' } }, 'b');
    });
    expect(entries).toHaveLength(3);
    const text = JSON.stringify(entries);
    for (const secret of [EMAIL, TOKEN, 'Secret Person', '123456', 'aGVsbG8=']) expect(text).not.toContain(secret);
  });

  it('stays valid JSON if an email address follows a line break, as in a stack', () => {
    const [entry] = logged((logger) => logger.info({ stack: `Error\n${EMAIL}\n\u0007${TOKEN}` }, 'a'));
    expect(entry).toMatchObject({ stack: 'Error\n[email]\n\u0007[token]' });
  });
});
