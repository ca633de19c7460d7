import { decodeJwt } from 'jose';
import { afterEach } from 'vitest';
import { createApplicant, inventPeople, type Person, type Sandbox, startSandbox } from '../../sandbox/index.js';

/** The call that makes a registration, as faults and the ledger name it. */
export const CREATE = 'POST /v2/app-registrations';

/** What is closed after each test, the last opened first. */
export const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

type Options = NonNullable<Parameters<typeof startSandbox>[0]>;

export const open = async (options: Options = {}): Promise<Sandbox> => {
  const sandbox = await startSandbox(options);
  opened.push(() => sandbox.close());
  return sandbox;
};

const [first, second] = inventPeople(29, 2);
if (first === undefined || second === undefined) throw new Error('nobody was invented');

/** Two people that were made up. */
export const applicant: Person = first;
export const otherApplicant: Person = second;

interface Body {
  readonly data: {
    readonly _id: string;
    readonly token: string;
    readonly status: string;
    readonly emailValidation: unknown;
    readonly phoneValidation: unknown;
  };
}

/** Calls the vendor's API. */
export const call = async (
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
  token = sandbox.clientToken,
) => {
  const response = await fetch(`${sandbox.url}/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json().catch(() => undefined)) as Body,
  };
};

export const create = ({ project, projectFlow, ...sandbox }: Sandbox, person: Person = applicant) =>
  call({ project, projectFlow, ...sandbox }, 'POST', '/app-registrations', { project, projectFlow, ...person });

export const applicantOf = (sandbox: Sandbox, token: string, person: Person = applicant) =>
  createApplicant({ url: sandbox.url, token, project: sandbox.project, person });

export const minutesLeft = (token: string): number =>
  Math.round(((decodeJwt(token).exp ?? 0) * 1_000 - Date.now()) / 60_000);
