import { ApplicationFailure } from '@temporalio/common';
import { JsonFileError } from '../../shared/json-file.js';
import { UnknownProjectError, type VerifikAccounts, type VerifikClient } from '../../verifik/index.js';

/** Finds the account of a project. */
export type FindAccount = VerifikAccounts['of'];

/** Retryable unless `isFinal`: an operator corrects the file. */
const failureOf = (error: unknown, isFinal: boolean): unknown => {
  if (error instanceof UnknownProjectError)
    return ApplicationFailure.create({ type: 'Misconfigured', message: error.message, nonRetryable: isFinal });
  if (error instanceof JsonFileError)
    return ApplicationFailure.create({ type: 'WrongAccountsFile', message: error.message });
  return error;
};

/**
 * Returns a function that finds accounts for activities.
 *
 * @throws ApplicationFailure `Misconfigured` if no account has the project; a retryable one while the file is wrong.
 */
export const failingFind =
  (accounts: VerifikAccounts, isFinal = false): FindAccount =>
  (project) =>
    accounts.of(project).catch((error: unknown) => {
      throw failureOf(error, isFinal);
    });

/** Returns all accounts. @throws ApplicationFailure retryable, while the file is wrong. */
export const failingCurrent = (accounts: VerifikAccounts): ReturnType<VerifikAccounts['current']> =>
  accounts.current().catch((error: unknown) => {
    throw failureOf(error, false);
  });

/** Returns the client of the project's account. */
export const verifikOf = async (accounts: VerifikAccounts, project: string | undefined): Promise<VerifikClient> =>
  (await failingFind(accounts)(project)).verifik;
