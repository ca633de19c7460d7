import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { openRealServers } from '../e2e/real-servers.js';
import { findNeedles, type Needle } from '../support/needles.js';
import { atTerminal, type Ended, type Env, inPipes } from './running.js';

const CONTACT_KEY = 'a-key-for-the-tests';
const PEOPLE = 20;

export const fileWith = (content: unknown): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-cli-')), 'file.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

/** Real servers with a worker, applicants, and the command beside them: all that it says is kept, but what `token` says. */
export const openWorld = async (seed: number) => {
  const real = await openRealServers();
  await real.startWorker();
  const env: Env = {
    TEMPORAL_ADDRESS: real.address,
    ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile,
    ONBOARDING_CONTACT_KEY: CONTACT_KEY,
  };
  const people = [...inventPeople(seed, PEOPLE)];
  const said: string[] = [];
  const tokens = new Set<string>();
  const open = new Set<() => void>();

  const noted = (args: readonly string[], ended: Ended): Ended => {
    if (args[0] !== 'token') said.push(ended.stdout, ended.stderr);
    return ended;
  };

  const somebody = (): Person => {
    const person = people.pop();
    if (person === undefined) throw new Error('everybody has been onboarded');
    return person;
  };

  const run = async (args: readonly string[], input = '', change: Env = {}): Promise<Ended> =>
    noted(args, await inPipes(args, { ...env, ...change }, input));

  const runJson = async (args: readonly string[], input = '', change: Env = {}) => {
    const { stdout, stderr, exitCode } = await run([...args, '--json'], input, change);
    const documents = stdout.split('\n').filter((line) => line !== '');
    return {
      exitCode,
      documents: documents.map((line) => JSON.parse(line)),
      // What passes may be noted before, for people.
      error: exitCode === 0 || stderr === '' ? undefined : JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error,
    };
  };

  /** At a terminal. What is typed comes back on its screen: such runs are not kept where `types` says what they are. */
  const sit = (args: readonly string[], { types }: { readonly types?: 'personal' } = {}) => {
    const terminal = atTerminal(args, env);
    open.add(terminal.kill);
    const ended = terminal.ended.then((end) => (types === 'personal' ? end : noted(args, end)));
    return { ...terminal, ended };
  };

  /** Starts somebody by the command. */
  const start = async (reference: string, person = somebody()) => {
    const args = ['start', '--file', '-', '--reference', reference];
    const { documents } = await runJson(args, JSON.stringify(real.request(person)));
    const { workflowId, token } = await real.client.registration(documents[0].workflowId);
    tokens.add(token);
    return { workflowId, token, applicant: real.applicantWith(person, token), started: documents[0] };
  };

  return {
    ...{ real, run, runJson, sit, start, somebody },
    /** What is found in all that was said: secrets, and anything of the applicants; and the words, for a test that can fail. */
    foundInWhatWasSaid: (words: readonly string[]): readonly string[] => {
      const personal = inventPeople(seed, PEOPLE).flatMap(({ email, phone, fullName }): readonly Needle[] => [
        { what: 'email', value: email },
        { what: 'phone', value: phone },
        { what: 'name', value: fullName },
      ]);
      const secrets = [...tokens, real.sandbox.clientToken, CONTACT_KEY, readFileSync(real.keysFile, 'utf8')];
      const needles = [
        ...personal,
        ...secrets.map((value) => ({ what: 'a secret', value })),
        ...words.map((value) => ({ what: value, value })),
      ];
      return findNeedles(Buffer.from(said.join('\n')), needles);
    },
    /** Ends what still sits at a terminal. */
    standUp: () => {
      for (const kill of open) kill();
      open.clear();
    },
    close: () => real.close(),
  };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
