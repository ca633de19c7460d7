import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { VendorId } from '../domain/ids.js';
import { MisconfiguredError } from '../shared/config.js';
import {
  closed,
  decodeFields,
  type FieldError,
  matching,
  type Read,
  recordOf,
  wholeNumber,
} from '../shared/decoding.js';
import { openJsonFile } from '../shared/json-file.js';
import { readSecretFile } from '../shared/secret-file.js';
import { FilePath, Secret } from '../shared/settings.js';
import type { VerifikClient } from './api.js';
import type { TokenSource } from './session.js';

/** The variable that names the file of accounts. */
export const ACCOUNTS_FILE = 'VERIFIK_ACCOUNTS_FILE';

/** An account at Verifik: its name is part of a task queue. */
export interface Account {
  /** `undefined`: the account of the projects that the file does not name. */
  readonly name: string | undefined;
  readonly projects: readonly string[];
  readonly tokenSource: TokenSource;
  /** The maximum number of calls a second of all batches in the account. `undefined`: that of the settings. */
  readonly callsPerSecond: number | undefined;
}

/** No account has the project. The message names it. */
export class UnknownProjectError extends MisconfiguredError {
  override readonly name = 'UnknownProjectError';
}

const AccountFields = closed(
  t.intersection([
    t.type({ clientTokenFile: FilePath, projects: t.readonlyArray(VendorId) }),
    t.partial({ callsPerSecond: wholeNumber(1, 1_000) }),
  ]),
);

const AccountsFile = closed(
  t.type({ accounts: recordOf(matching(/^[\w-]{1,50}$/, 'a name of letters, digits and _ -'), AccountFields) }),
);

const toAccounts = ({ accounts }: t.TypeOf<typeof AccountsFile>): Read<readonly Account[]> => {
  const errors: FieldError[] = [];
  const owners = new Map<string, string>();
  const read = Object.entries(accounts).map(([name, { clientTokenFile, projects, callsPerSecond }]): Account => {
    const token = () => readSecretFile(`accounts.${name}.clientTokenFile`, clientTokenFile, Secret);
    const first = token();
    if (E.isLeft(first)) errors.push(...first.left);
    for (const project of projects) {
      const owner = owners.get(project) ?? name;
      if (owner !== name) errors.push({ field: `accounts.${name}.projects`, expected: `no project of ${owner}` });
      owners.set(project, owner);
    }
    const tokenSource = {
      read: async () =>
        pipe(
          token(),
          E.getOrElse(() => ''),
        ),
    };
    return { name, projects, tokenSource, callsPerSecond };
  });
  if (read.length === 0) errors.push({ field: 'accounts', expected: 'at least one account' });
  return errors.length === 0 ? E.right(read) : E.left(errors);
};

/** The accounts at Verifik. */
export interface Accounts {
  /** Returns all accounts. @throws JsonFileError while the file is wrong. */
  readonly current: () => Promise<readonly Account[]>;
}

/**
 * Opens the accounts: those of the file, and the one of the client token of the settings. At least one of the two is
 * given.
 *
 * @throws JsonFileError if the file is wrong at the start.
 */
export const openAccounts = async (
  path: string | undefined,
  clientToken: TokenSource | undefined,
): Promise<Accounts> => {
  const others: readonly Account[] =
    clientToken === undefined
      ? []
      : [{ name: undefined, projects: [], tokenSource: clientToken, callsPerSecond: undefined }];
  if (path === undefined) return { current: async () => others };
  const file = await openJsonFile({
    path,
    env: ACCOUNTS_FILE,
    what: 'file of accounts',
    decode: (content) => pipe(decodeFields(AccountsFile)(content), E.chain(toAccounts)),
  });
  return { current: async () => [...others, ...(await file.current())] };
};

/** Returns the account of a project. @throws UnknownProjectError */
export const accountOf = (accounts: readonly Account[], project: string | undefined): Account => {
  const found =
    accounts.find(({ projects }) => project !== undefined && projects.includes(project)) ??
    accounts.find(({ name }) => name === undefined);
  if (found !== undefined) return found;
  throw new UnknownProjectError(
    project === undefined
      ? `no project is named, by which to find the account in ${ACCOUNTS_FILE}`
      : `no account in ${ACCOUNTS_FILE} has the project ${project}`,
  );
};

/** An account with its client. */
export interface OpenAccount extends Account {
  readonly verifik: VerifikClient;
}

/** The accounts at Verifik with their clients. */
export interface VerifikAccounts {
  /** Returns the account of a project. @throws UnknownProjectError, JsonFileError while the file is wrong. */
  readonly of: (project: string | undefined) => Promise<OpenAccount>;
  readonly current: Accounts['current'];
}

/** Creates each account's client at its first call. A client keeps its session until its account changes. */
export const withClients = (
  { current }: Accounts,
  createClient: (tokenSource: TokenSource) => VerifikClient,
): VerifikAccounts => {
  const clients = new WeakMap<Account, VerifikClient>();
  return {
    current,
    of: async (project) => {
      const account = accountOf(await current(), project);
      const verifik = clients.get(account) ?? createClient(account.tokenSource);
      clients.set(account, verifik);
      return { ...account, verifik };
    },
  };
};
