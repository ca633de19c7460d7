import { randomBytes } from 'node:crypto';
import { MisconfiguredError } from '../../shared/config.js';
import { type Account, accountOf, openAccounts } from '../../verifik/accounts.js';
import { type CallFinding, type ContractReport, checkContract } from '../../verifik/contract/check.js';
import { type CliConfig, SETTINGS } from '../config.js';
import { CliFailure, orFail } from '../failures.js';
import { plain } from '../format/text.js';
import type { Terminal } from '../terminal.js';

/** The project flow to check, and the domain of the invented applicant's email. */
export interface ContractTarget {
  readonly project: string;
  readonly projectFlow: string;
  readonly domain: string;
}

/** A report, with the local part of the email of the invented applicant. */
export interface CheckedContract extends ContractReport {
  readonly applicant: string;
}

const accountFor = async (project: string, ...configured: Parameters<typeof openAccounts>): Promise<Account> => {
  try {
    return accountOf(await (await openAccounts(...configured)).current(), project);
  } catch (error) {
    throw error instanceof MisconfiguredError ? new CliFailure('misconfigured', error.message) : error;
  }
};

/** Runs the check with the token of the project's account. @throws CliFailure `misconfigured` without a token. */
export const runContract = async (
  { verifikBaseUrl: baseUrl, clientToken, accountsFile }: CliConfig,
  { domain, ...flow }: ContractTarget,
  totalTimeoutMs: number,
): Promise<CheckedContract> => {
  const token = orFail(clientToken, 'misconfigured');
  if (token === undefined && accountsFile === undefined) {
    const { verifikClientToken, verifikClientTokenFile } = SETTINGS;
    const message = `${verifikClientToken.env} or ${verifikClientTokenFile.env}: expected the client's API token at Verifik`;
    throw new CliFailure('misconfigured', message);
  }
  const { tokenSource } = await accountFor(flow.project, accountsFile, token);
  const applicant = `contract-check-${randomBytes(6).toString('hex')}`;
  const subject = { ...flow, email: `${applicant}@${domain}`, fullName: 'Contract Check' };
  return { applicant, ...(await checkContract({ baseUrl, tokenSource, totalTimeoutMs }, subject)) };
};

const LABELS = {
  ok: ['green', 'ok'],
  differs: ['red', 'differs'],
  refused: ['red', 'refused'],
  ignored: ['yellow', 'ignored'],
  skipped: ['dim', 'skipped'],
} as const;

const NAMED_FIELDS = 3;

/** Counts the fields of a response that the product does not know, and names a few. */
const unknownFields = ({ unknown }: CallFinding): string => {
  const named = unknown.slice(0, NAMED_FIELDS).map(({ path, type }) => `${path} (${type})`);
  const more = unknown.length > named.length ? ', …' : '';
  return `${unknown.length} unknown ${unknown.length === 1 ? 'field' : 'fields'}: ${named.join(', ')}${more}`;
};

const linesOf = ({ style }: Terminal, finding: CallFinding): readonly string[] => {
  const { call, need, state, rejection, differences, unknown } = finding;
  const isAllowed = need === 'optional' && state === 'ok';
  const [colour, label] = need === 'optional' && state === 'refused' ? (['yellow', state] as const) : LABELS[state];
  const detail = rejection === undefined ? '' : `: ${rejection.type} (${rejection.code})`;
  const about = `${call}${need === 'optional' ? ' (optional)' : ''}${detail}`;
  return [
    `${style(colour, (isAllowed ? 'allowed' : label).padEnd(7))}  ${about}`,
    ...differences.map(({ path, expected, type }) => `         ${path}: expected ${expected}, found ${type}`),
    ...(unknown.length === 0 ? [] : [style('dim', `         ${unknownFields(finding)}`)]),
  ];
};

/** Returns the lines of a report. */
export const contractLines = (terminal: Terminal, report: CheckedContract): readonly string[] => [
  ...report.calls.flatMap((finding) => linesOf(terminal, finding)),
  '',
  ...(report.calls.some(({ unknown }) => unknown.length > NAMED_FIELDS)
    ? ['The product ignores unknown fields. --json lists all of them.']
    : []),
  report.ok ? 'Nothing that the product needs differs.' : 'Responses that the product needs differ.',
  ...report.leftBehind.map((id) => `Registration ${plain(id)} was not deleted: delete it at Verifik.`),
  ...(report.mayHaveCreated
    ? [`A registration may remain: search at Verifik for the email that begins with ${report.applicant}.`]
    : []),
];
