import { readFileSync } from 'node:fs';
import { type ForbiddenValue, findForbiddenValues } from '../../tools/chaos/judging/forbidden-values.js';
import { inventPeople, type Person } from '../../tools/sandbox/index.js';
import { openRealServers } from '../e2e/real-servers.js';
import { newPoliciesFile } from '../support/policies-file.js';
import { atTerminal, type Ended, type Env, fileWith, inPipes, inThisProcess, useEnv } from './running.js';

const CONTACT_KEY = 'a-key-for-the-tests';
const PEOPLE = 20;

/** Starts servers and a worker, and runs commands with them. Records the output of every command except `token`. */
export const openEnvironment = async (seed: number) => {
  const real = await openRealServers();
  const policies = { 'document-only': { version: '1', policy: { required: ['document'] } } };
  await real.startWorker({ policiesFile: newPoliciesFile(policies) });
  const env: Env = {
    TEMPORAL_ADDRESS: real.address,
    ONBOARDING_ENCRYPTION_KEYS_FILE: real.keysFile,
    ONBOARDING_CONTACT_KEY: CONTACT_KEY,
  };
  const restoreEnv = useEnv(env);
  const people = [...inventPeople(seed, PEOPLE)];
  const outputs: string[] = [];
  const tokens = new Set<string>();
  const open = new Set<() => void>();

  const record = (args: readonly string[], ended: Ended): Ended => {
    if (args[0] !== 'token') outputs.push(ended.stdout, ended.stderr);
    return ended;
  };

  const nextApplicant = (): Person => {
    const person = people.pop();
    if (person === undefined) throw new Error('no applicants are left');
    return person;
  };

  const run = async (args: readonly string[], input = '', change?: Env): Promise<Ended> => {
    const isQuick = input === '' && change === undefined && !args.includes('--timeout');
    return record(args, await (isQuick ? inThisProcess(args) : inPipes(args, { ...env, ...change }, input)));
  };

  const runJson = async (args: readonly string[], input = '', change?: Env) => {
    const { stdout, stderr, exitCode } = await run([...args, '--json'], input, change);
    const documents = stdout.split('\n').filter((line) => line !== '');
    return {
      exitCode,
      documents: documents.map((line) => JSON.parse(line)),
      // Notes for people may precede the error.
      error: exitCode === 0 || stderr === '' ? undefined : JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error,
    };
  };

  /**
   * Runs a command on a terminal. The terminal echoes the input, so the output is not recorded if the input is
   * personal.
   */
  const runOnTerminal = (args: readonly string[], { types }: { readonly types?: 'personal' } = {}) => {
    const terminal = atTerminal(args, env);
    open.add(terminal.kill);
    const ended = terminal.ended.then((end) => (types === 'personal' ? end : record(args, end)));
    return { ...terminal, ended };
  };

  /** Starts an onboarding with the command. */
  const start = async (reference: string, person = nextApplicant(), ...options: readonly string[]) => {
    const args = ['start', '--file', fileWith(real.request(person)), '--reference', reference, ...options];
    const { documents } = await runJson(args);
    const { workflowId, token } = await real.client.registration(documents[0].workflowId);
    tokens.add(token);
    return { workflowId, token, applicant: real.applicantWith(person, token), started: documents[0] };
  };

  return {
    ...{ real, run, runJson, runOnTerminal, start, nextApplicant },
    /**
     * Returns the secrets and personal data in all recorded outputs, and `words`, which prove that the search works.
     */
    foundInOutputs: (words: readonly string[]): readonly string[] => {
      const personal = inventPeople(seed, PEOPLE).flatMap(({ email, phone, fullName }): readonly ForbiddenValue[] => [
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
      return findForbiddenValues(Buffer.from(outputs.join('\n')), needles);
    },
    /** Ends the commands that are still running on a terminal. */
    killTerminals: () => {
      for (const kill of open) kill();
      open.clear();
    },
    close: async () => {
      restoreEnv();
      await real.close();
    },
  };
};

export type CliEnvironment = Awaited<ReturnType<typeof openEnvironment>>;
