import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeExact, HttpStatus, isHttpUrl, oneOf, problems, Rate } from './decoding.js';
import { FlowChange } from './rules/flow.js';

/** The project and flow that the sandbox knows by default. */
export const DEFAULT_PROJECT = '65f0a1b2c3d4e5f601234567';
export const DEFAULT_PROJECT_FLOW = '65f0a1b2c3d4e5f601234568';

const WebhookUrl = t.union(
  [t.refinement(t.string, isHttpUrl, 'an http or https URL'), t.null],
  'an http or https URL, or null',
);

const isRange = ([min, max]: readonly [number, number]): boolean => min <= max;
const Copies = t.union(
  [Count, t.refinement(t.tuple([Count, Count]), isRange, 'the least and the most')],
  'a whole number from 0, or the minimum and the maximum',
);

const CODECS = {
  reRegistration: oneOf('recreate', 'resume', 'unique'),
  resendLink: oneOf('offered', 'absent'),
  createAnswer: oneOf('flat', 'nested'),
  references: oneOf('populated', 'ids'),
  errorEnvelope: oneOf('seed', 'later', 'successFalse', 'documented'),
  refusalStatuses: t.record(t.string, HttpStatus),
  statusWords: oneOf('lower', 'upper'),
  sessionAnswer: oneOf('top', 'data'),
  fullName: oneOf('required', 'optional'),
  projectFlows: t.record(t.string, t.string),
  accounts: t.record(t.string, t.string),
  mandatory: t.array(oneOf('email', 'phone', 'document', 'biometric')),
  flow: FlowChange,
  flowShape: oneOf('v3', 'v2', 'configuration'),
  tokenClaims: oneOf('expiresAt', 'expiresAtMs', 'expiresAtText', 'exp'),
  compareDelayMs: Count,
  compareScores: oneOf('unit', 'percent'),
  selfieAnswer: oneOf('populated', 'id'),
  skipKycAnswer: oneOf('ongoing', 'status'),
  failedValidations: oneOf('kept', 'moved'),
  failedIds: oneOf('all', 'some'),
  attemptLimits: oneOf('shown', 'enforced'),
  contactFormat: oneOf('text', 'number'),
  absentValues: oneOf('null', 'empty'),
  secretsInReads: oneOf('absent', 'present'),
  adminOverride: oneOf('accepted', 'refused'),
  panelCalls: oneOf('accepted', 'refused'),
  applicants: oneOf('wait', 'alone', 'atOnce'),
  returningApplicants: oneOf('keep', 'redo'),
  applicantPauseMs: Count,
  refusedDomains: t.array(t.string),
  callsPerSecond: Count,
  latencyMs: Count,
  webhookUrl: WebhookUrl,
  webhookDelayMs: Count,
  webhookCopies: Copies,
  webhookLossRate: Rate,
  webhookShuffle: Count,
  webhookForgeryRate: Rate,
};

export const SettingsCodec = t.type(CODECS);

/**
 * Settings of the sandbox: where Verifik's documents disagree or leave something open, and how webhooks are delivered.
 */
export type Settings = t.TypeOf<typeof SettingsCodec>;

/** All settings with default and meaning, for the controls, the command line and docs/sandbox.md. */
export const SETTINGS: {
  readonly [Name in keyof Settings]: { readonly fallback: Settings[Name]; readonly meaning: string };
} = {
  reRegistration: {
    fallback: 'recreate',
    meaning:
      'the response to a second registration of a contact: `recreate` the registration, refuse so that the caller can `resume`, or refuse with the text that contacts must be `unique`',
  },
  resendLink: {
    fallback: 'offered',
    meaning: '`absent`: an API generation without resend-link, which responds with a plain 404',
  },
  createAnswer: {
    fallback: 'flat',
    meaning: 'the response of create: `flat` in the first generation, `nested` in the later one',
  },
  references: { fallback: 'populated', meaning: '`ids`: the parameter `populates` is ignored' },
  errorEnvelope: {
    fallback: 'later',
    meaning:
      'the format of errors: `seed`, `later`, `successFalse`, or as each page of the vendor has it: `documented`',
  },
  refusalStatuses: { fallback: {}, meaning: 'HTTP statuses by error code, in place of the documented ones' },
  statusWords: { fallback: 'lower', meaning: 'the generation of status words: `lower` or `upper`' },
  sessionAnswer: {
    fallback: 'top',
    meaning: 'the position of a renewed client token: at the `top` of the response, or under `data`',
  },
  fullName: { fallback: 'required', meaning: '`optional`: the full name may be missing, as in the later documents' },
  projectFlows: {
    fallback: { [DEFAULT_PROJECT_FLOW]: DEFAULT_PROJECT },
    meaning: 'the known project flows with their projects',
  },
  accounts: {
    fallback: {},
    meaning: 'the accounts of projects; calls with the client token of another account get 403',
  },
  mandatory: {
    fallback: ['email', 'phone', 'document', 'biometric'],
    meaning:
      'the checks that must have passed for `end` to complete; email and phone only if the registration has them; the flow does not verify another contact',
  },
  flow: { fallback: {}, meaning: 'changes of the project flows: see below' },
  flowShape: { fallback: 'v3', meaning: 'the generation of project flows: `v3`, `v2` or `configuration`' },
  tokenClaims: {
    fallback: 'expiresAt',
    meaning:
      'the expiry in registration tokens: `expiresAt` in seconds, in ms (`expiresAtMs`) or as text without a zone (`expiresAtText`), or `exp`',
  },
  compareDelayMs: { fallback: 1_500, meaning: 'the duration of a face comparison in ms; its response waits for it' },
  compareScores: { fallback: 'unit', meaning: 'the scale of the scores of face comparisons: `unit` or `percent`' },
  selfieAnswer: {
    fallback: 'populated',
    meaning: 'the validation in the response to a selfie: `populated`, or its `id`',
  },
  skipKycAnswer: {
    fallback: 'ongoing',
    meaning: 'the status in the response to the step `skipKYC`: `ONGOING`, or the new `status` of the registration',
  },
  failedValidations: {
    fallback: 'kept',
    meaning:
      'a failed document or selfie in the array of failed ones also remains the current one (`kept`), or leaves none (`moved`)',
  },
  failedIds: { fallback: 'all', meaning: '`some`: every second failed document or selfie in the arrays has no id' },
  attemptLimits: {
    fallback: 'shown',
    meaning: "`enforced`: documents and selfies beyond the flow's attempt limits are refused",
  },
  contactFormat: {
    fallback: 'text',
    meaning: '`number`: phone numbers are numbers, and country codes have no `+`',
  },
  absentValues: { fallback: 'null', meaning: 'a missing contact or name: `null`, or an `empty` text' },
  secretsInReads: {
    fallback: 'absent',
    meaning: '`present`: reads contain the registration token, and codes in clear',
  },
  adminOverride: {
    fallback: 'accepted',
    meaning: '`refused`: a client token cannot override a status, and gets 403',
  },
  panelCalls: {
    fallback: 'accepted',
    meaning: "`refused`: the undocumented calls and filters of the vendor's panel get 403",
  },
  applicants: {
    fallback: 'wait',
    meaning:
      '`alone`: applicants do the mandatory checks automatically; `atOnce`: registrations pass at once, without calls or webhooks, for benchmarks',
  },
  returningApplicants: {
    fallback: 'keep',
    meaning: 'what automatic applicants do after a recreation: `keep` document and selfie, or `redo` both',
  },
  applicantPauseMs: {
    fallback: 750,
    meaning: 'the pause of simulated applicants between selfie and face comparison, in ms',
  },
  refusedDomains: { fallback: ['refused.example'], meaning: "email domains that the project's policy refuses" },
  callsPerSecond: {
    fallback: 0,
    meaning: 'the rate limit in calls per second; above it, calls get 429 with `Retry-After: 1`; 0: no limit',
  },
  latencyMs: { fallback: 0, meaning: 'the minimum duration of every call, in ms' },
  webhookUrl: { fallback: null, meaning: 'the URL that receives webhooks; `null`: no webhooks' },
  webhookDelayMs: { fallback: 0, meaning: 'the delay of webhooks, in ms' },
  webhookCopies: {
    fallback: 1,
    meaning: 'the number of deliveries of each webhook; `[0, 3]`: a random number from 0 to 3',
  },
  webhookLossRate: { fallback: 0, meaning: 'the share of lost webhooks, from 0 to 1' },
  webhookShuffle: {
    fallback: 1,
    meaning: 'the number of webhooks that are collected and then delivered in random order; 1: no reordering',
  },
  webhookForgeryRate: {
    fallback: 0,
    meaning: 'the share of webhooks that are preceded by a forged one claiming success, from 0 to 1',
  },
};

const fallbacks = SettingsCodec.decode(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, { fallback }]) => [name, fallback])),
);
if (E.isLeft(fallbacks)) throw new Error(`A default setting is invalid. ${problems(fallbacks.left)}`);

export const DEFAULT_SETTINGS: Settings = fallbacks.right;

const decodeChange = (input: unknown): E.Either<string, Readonly<Record<string, unknown>>> =>
  decodeExact(t.UnknownRecord, Object.keys(SETTINGS), input);

export const changeSettings = (settings: Settings, change: unknown): E.Either<string, Settings> =>
  E.chain((valid: Readonly<Record<string, unknown>>) =>
    E.mapLeft(problems)(SettingsCodec.decode({ ...settings, ...valid })),
  )(decodeChange(change));
