import * as E from 'fp-ts/lib/Either.js';
import { createCalls, type VerifikClientConfig } from '../calls.js';
import type { VerifikError } from '../errors.js';
import { registrationCalls } from '../registration-calls.js';
import { CONTRACT_CALLS, type ContractCall, type Progress, type Remark, type Subject } from './calls.js';
import { type PathType, type TrackedResponse, trackReads } from './paths.js';

/** A path whose value is not as the product's codecs expect it. */
export interface Difference extends PathType {
  readonly expected: string;
}

/** The result of one call. Holds paths, types and Verifik's code words, and no values of a response. */
export interface CallFinding {
  readonly call: string;
  readonly need: ContractCall['need'];
  /**
   * `ok`: as the product expects. `differs`: the response is not. `refused`: Verifik rejected the call. `ignored`: it
   * ignored the filter. `skipped`: the registration or its token is missing.
   */
  readonly state: 'ok' | 'differs' | 'refused' | 'ignored' | 'skipped';
  /** The type of the rejection, and Verifik's code word or a code of the client. */
  readonly rejection?: Pick<VerifikError, 'type' | 'code'>;
  readonly differences: readonly Difference[];
  /** The paths that the product does not know, and ignores. */
  readonly unknown: readonly PathType[];
}

export interface ContractReport {
  /** True if nothing that the product needs differs. */
  readonly ok: boolean;
  readonly calls: readonly CallFinding[];
  /** The ids of the created registrations that still exist. */
  readonly leftBehind: readonly string[];
  /** True if a registration can exist whose id is unknown. */
  readonly mayHaveCreated: boolean;
}

const differenceOf = (text: string, tracked: TrackedResponse | undefined): Difference => {
  const [, field = text, expected = 'another value'] = /^(\S+) \(expected (.*)\)$/.exec(text) ?? [];
  const path = field.replace(/\.\d+(?=\.|$)/g, '[]');
  return { path, expected, type: tracked?.typeAt(field) ?? 'absent' };
};

const ofError = (error: VerifikError, { handles = [] }: ContractCall, tracked: TrackedResponse | undefined) => {
  const { type, code } = error;
  if (error.type !== 'UnexpectedVendorResponse')
    return { state: handles.includes(type) ? 'ok' : 'refused', rejection: { type, code }, differences: [] } as const;
  const differences = error.paths.map((path) => differenceOf(path, tracked));
  const whole: Difference = { path: '(root)', expected: 'a JSON response', type: code };
  return { state: 'differs', differences: differences.length === 0 ? [whole] : differences } as const;
};

const UNKNOWN_WORD: Difference = { path: 'data.status', expected: 'a known status word', type: 'another word' };

const ofRemark = (remark: Remark) => {
  if (remark === 'unknownWord') return { state: 'differs', differences: [UNKNOWN_WORD] } as const;
  return { state: remark ?? 'ok', differences: [] } as const;
};

/**
 * Makes the calls of the product at Verifik, for an invented applicant, and compares the responses with the product's
 * decoders. Creates a registration, which can cost credits, and deletes it. Never rejects.
 */
export const checkContract = async (
  config: Omit<VerifikClientConfig, 'inspect'>,
  subject: Subject,
): Promise<ContractReport> => {
  const responses: TrackedResponse[] = [];
  const calls = createCalls({
    ...config,
    inspect: (body) => {
      const tracked = trackReads(body);
      responses.push(tracked);
      return tracked.view;
    },
  });
  const client = registrationCalls(calls);
  const progress: Progress = { ...subject, registrations: new Set() };

  const examine = async (call: ContractCall): Promise<CallFinding> => {
    const { name, need, needsRegistration } = call;
    const [id] = progress.registrations;
    const finding = { call: name, need, unknown: [] };
    if (needsRegistration === true && id === undefined) return { ...finding, state: 'skipped', differences: [] };
    responses.length = 0;
    const answered = await call.run({ client, calls, progress, id: id ?? '', token: progress.token ?? '' })();
    const tracked = responses.at(-1);
    if (E.isLeft(answered)) return { ...finding, ...ofError(answered.left, call, tracked) };
    return { ...finding, ...ofRemark(answered.right), unknown: tracked?.unread() ?? [] };
  };

  const findings: CallFinding[] = [];
  for (const call of CONTRACT_CALLS) findings.push(await examine(call));
  calls.close();
  const of = (name: string) => findings.find(({ call }) => call === name);
  const created = of('create a registration');
  return {
    ok: findings.every(({ need, state }) => need === 'optional' || state === 'ok'),
    calls: findings,
    leftBehind: of('delete it')?.state === 'ok' ? [] : [...progress.registrations],
    mayHaveCreated:
      progress.registrations.size === 0 && (created?.state === 'differs' || created?.rejection?.type === 'Transient'),
  };
};
