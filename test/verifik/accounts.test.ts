import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createVerifikClient, openAccounts, withClients } from '../../verifik/index.js';

const folder = mkdtempSync(join(tmpdir(), 'onboarding-accounts-'));
const path = join(folder, 'accounts.json');
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'the-token-of-acme\n');

const write = (accounts: object) => writeFileSync(path, JSON.stringify({ accounts }));

const acme = { clientTokenFile: tokenFile, projects: ['acme-1', 'acme-2'] };
const ofOthers = { read: async () => 'the-token-of-others' };

const open = async (others?: typeof ofOthers) =>
  withClients(await openAccounts(path, others), (tokenSource) =>
    createVerifikClient({ baseUrl: 'http://127.0.0.1:9', tokenSource }),
  );

describe('the accounts at Verifik', () => {
  it('are found by project, also after a change of the file', async () => {
    write({ acme });
    const accounts = await open(ofOthers);
    const tokenOf = async (project?: string) => (await accounts.of(project)).tokenSource.read();
    expect(await tokenOf('acme-2')).toBe('the-token-of-acme');
    expect(await tokenOf('acme-3')).toBe('the-token-of-others');
    expect(await tokenOf()).toBe('the-token-of-others');
    write({ acme: { ...acme, projects: ['acme-3'] } });
    expect(await tokenOf('acme-3')).toBe('the-token-of-acme');
  });

  it('have one client each, which keeps its session', async () => {
    write({ acme });
    const accounts = await open();
    expect((await accounts.of('acme-1')).verifik).toBe((await accounts.of('acme-2')).verifik);
  });

  it('refuse a project that none of them has, by its name', async () => {
    write({ acme });
    const accounts = await open();
    await expect(accounts.of('initech')).rejects.toThrow('no account in VERIFIK_ACCOUNTS_FILE has the project initech');
    await expect(accounts.of(undefined)).rejects.toThrow('no project is named');
  });

  it.each([
    [
      'a token file that is missing',
      { acme: { ...acme, clientTokenFile: '/nowhere' } },
      'accounts.acme.clientTokenFile',
    ],
    ['a project of two accounts', { acme, globex: acme }, 'accounts.globex.projects: expected no project of acme'],
    ['an unknown field', { acme: { ...acme, token: 'a-secret-token' } }, 'accounts.acme.token'],
  ])('refuse %s, and name the field', async (_what, content, field) => {
    write(content);
    const error: unknown = await open().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(field);
    expect(String(error)).not.toContain('a-secret-token');
  });
});
