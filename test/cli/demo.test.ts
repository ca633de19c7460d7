import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useRunningDemo } from '../../cli/demo.js';
import { runningDemoFile } from '../../shared/running-demo.js';

const VERIFIK_ONBOARDING_CACHE = mkdtempSync(join(tmpdir(), 'onboarding-cache-'));

const DEMO = {
  ...{ TEMPORAL_ADDRESS: '127.0.0.1:7', ONBOARDING_CONTACT_KEY: "the demo's" },
  ...{ VERIFIK_BASE_URL: 'http://127.0.0.1:8', VERIFIK_CLIENT_TOKEN: "the demo's" },
};

const RUNNING = JSON.stringify({ pid: process.pid, env: DEMO });

/** Writes the file of a demo. */
const writeDemo = (pid: number, content: string): string => {
  const file = runningDemoFile(pid, { VERIFIK_ONBOARDING_CACHE });
  writeFileSync(file, content);
  onTestFinished(() => rmSync(file, { force: true }));
  return file;
};

/** Returns the environment and the note of a command beside a file of the demo. */
const beside = (content: string, shell: Readonly<Record<string, string>> = {}, options?: Map<string, string>) => {
  const env = { VERIFIK_ONBOARDING_CACHE, ...shell };
  const notes: string[] = [];
  writeDemo(1, content);
  useRunningDemo(env, (text) => notes.push(text), options);
  return { env, notes };
};

describe('the command line beside the demo', () => {
  it('uses the settings of the demo instead of those in the shell, and says so', () => {
    const shell = { PATH: '/bin', TEMPORAL_API_KEY: 'a', TEMPORAL_TLS: 'true', ONBOARDING_TASK_QUEUE: 'a' };
    const { env, notes } = beside(RUNNING, shell);
    expect(env).toEqual({ VERIFIK_ONBOARDING_CACHE, PATH: '/bin', TEMPORAL_CONFIG_FILE: expect.anything(), ...DEMO });
    expect(notes).toEqual([`using the demo at 127.0.0.1:7 (npm start, pid ${process.pid})`]);
  });

  it.each([
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_PROFILE',
    'TEMPORAL_CONFIG_FILE',
    'ONBOARDING_CLI_CONFIG',
  ])('does not use the demo if the shell sets %s', (name) => {
    const shell = { [name]: 'other', ONBOARDING_TASK_QUEUE: 'other' };
    expect(beside(RUNNING, shell)).toEqual({
      env: { VERIFIK_ONBOARDING_CACHE, ...shell },
      notes: [`not using the demo (npm start, pid ${process.pid}): ${name} is set`],
    });
  });

  it.each(['address', 'namespace', 'profile'])('names the option --%s if it was given instead', (name) => {
    const variable = `TEMPORAL_${name.toUpperCase()}`;
    const { notes } = beside(RUNNING, { [variable]: 'other' }, new Map([[variable, `--${name}`]]));
    expect(notes).toEqual([`not using the demo (npm start, pid ${process.pid}): --${name} is given`]);
  });

  it('keeps the Verifik of the shell, and says so', () => {
    const { env, notes } = beside(RUNNING, { VERIFIK_CLIENT_TOKEN_FILE: '/token' });
    expect(env).toMatchObject({ VERIFIK_BASE_URL: '', VERIFIK_CLIENT_TOKEN: '', VERIFIK_CLIENT_TOKEN_FILE: '/token' });
    expect(notes).toEqual([expect.stringMatching(/, and Verifik as VERIFIK_… say$/)]);
  });

  it('ignores a demo whose process has ended, and says so', async () => {
    const ended = execa(process.execPath, ['--version']);
    await ended;
    const { pid } = ended;
    const { env, notes } = beside(JSON.stringify({ pid, env: DEMO }));
    expect(env).toEqual({ VERIFIK_ONBOARDING_CACHE });
    expect(notes).toEqual([`ignoring the demo (npm start, pid ${pid}): it has ended`]);
  });

  it('uses the newest of several demos that run', async () => {
    const ended = execa(process.execPath, ['--version']);
    await ended;
    writeDemo(2, JSON.stringify({ pid: ended.pid, env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } }));
    const older = writeDemo(3, JSON.stringify({ pid: process.pid, env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } }));
    utimesSync(older, 1, 1);
    const { env, notes } = beside(RUNNING);
    expect(env).toMatchObject(DEMO);
    expect(notes).toEqual([`using the demo at 127.0.0.1:7 (npm start, pid ${process.pid}), the newest of 2`]);
  });

  it.each(['{', '[]', '{"pid": 1}', '{"pid": 1, "env": {}}'])('ignores a malformed file: %s', (content) => {
    expect(beside(content)).toEqual({ env: { VERIFIK_ONBOARDING_CACHE }, notes: [] });
  });
});
