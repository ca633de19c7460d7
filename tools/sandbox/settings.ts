import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Count, decodeOnly, HttpStatus, oneOf, problems, Rate } from './decoding.js';

/** The project and its flow that the sandbox knows unless told otherwise. */
export const DEFAULT_PROJECT = '65f0a1b2c3d4e5f601234567';
export const DEFAULT_PROJECT_FLOW = '65f0a1b2c3d4e5f601234568';

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const WebhookUrl = t.union(
  [t.refinement(t.string, isHttpUrl, 'an http or https URL'), t.null],
  'an http or https URL, or null',
);

const isRange = ([least, most]: readonly [number, number]): boolean => least <= most;
const Copies = t.union(
  [Count, t.refinement(t.tuple([Count, Count]), isRange, 'the least and the most')],
  'a whole number from 0, or the least and the most',
);

const CODECS = {
  reRegistration: oneOf('recreate', 'resume'),
  resendLink: oneOf('offered', 'absent'),
  createAnswer: oneOf('flat', 'nested'),
  references: oneOf('populated', 'ids'),
  errorEnvelope: oneOf('seed', 'later', 'successFalse'),
  refusalStatuses: t.record(t.string, HttpStatus),
  statusWords: oneOf('lower', 'upper'),
  sessionAnswer: oneOf('top', 'data'),
  fullName: oneOf('required', 'optional'),
  projectFlows: t.record(t.string, t.string),
  mandatory: t.array(oneOf('email', 'phone', 'document', 'biometric')),
  applicants: oneOf('wait', 'alone', 'atOnce'),
  returningApplicants: oneOf('keep', 'redo'),
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

/** Everything about Verifik's behaviour that its documents disagree on or leave open, and how webhooks fare. */
export type Settings = t.TypeOf<typeof SettingsCodec>;

/** Every setting with its default and its meaning: read by the endpoint, the command line and the README. */
export const SETTINGS: {
  readonly [Name in keyof Settings]: { readonly fallback: Settings[Name]; readonly meaning: string };
} = {
  reRegistration: {
    fallback: 'recreate',
    meaning: 'registering a contact again: `recreate` the registration, or refuse it so that the caller can `resume`',
  },
  resendLink: {
    fallback: 'offered',
    meaning: '`absent`: an API generation without resend-link, which answers a plain 404',
  },
  createAnswer: { fallback: 'flat', meaning: 'how creating answers: `flat` as at first, `nested` as later' },
  references: { fallback: 'populated', meaning: '`ids`: populates are passed over' },
  errorEnvelope: { fallback: 'later', meaning: '`seed`, `later` or `successFalse`' },
  refusalStatuses: { fallback: {}, meaning: 'the HTTP status for a code word, where it is to be another one' },
  statusWords: { fallback: 'lower', meaning: 'the generation of words, where one thing has two: `lower` or `upper`' },
  sessionAnswer: { fallback: 'top', meaning: 'where the renewed client token stands: at the `top`, or under `data`' },
  fullName: { fallback: 'required', meaning: '`optional`, as the later documents have it' },
  projectFlows: {
    fallback: { [DEFAULT_PROJECT_FLOW]: DEFAULT_PROJECT },
    meaning: 'the known project flows, each with its project',
  },
  mandatory: {
    fallback: ['email', 'phone', 'document', 'biometric'],
    meaning: 'what must have passed before `end` completes; of email and phone, those that the registration has',
  },
  applicants: {
    fallback: 'wait',
    meaning:
      '`alone`: whoever is registered goes through by themselves, as far as the flow asks for; `atOnce`: has passed as soon as the answer is out, without a call or a webhook, for measurements',
  },
  returningApplicants: {
    fallback: 'keep',
    meaning:
      'what those who go alone do after a recreation: `keep` the document and the selfie, or `redo` both by force',
  },
  refusedDomains: { fallback: ['refused.example'], meaning: "email domains that the project's policy refuses" },
  callsPerSecond: {
    fallback: 0,
    meaning: 'how many calls are let through in any one second, before 429 with `Retry-After: 1`; 0: all of them',
  },
  latencyMs: { fallback: 0, meaning: 'milliseconds that every answer takes at least' },
  webhookUrl: { fallback: null, meaning: 'where webhooks go; off without it' },
  webhookDelayMs: { fallback: 0, meaning: 'milliseconds that a webhook is late' },
  webhookCopies: { fallback: 1, meaning: 'how often each webhook is delivered; `[0, 3]`: at random from 0 to 3 times' },
  webhookLossRate: { fallback: 0, meaning: 'how many webhooks are lost, 0 to 1' },
  webhookShuffle: {
    fallback: 1,
    meaning: 'webhooks are held back until there are so many, then delivered in another order; 1 keeps the order',
  },
  webhookForgeryRate: {
    fallback: 0,
    meaning: 'how many webhooks are preceded by a forged one that claims success, 0 to 1',
  },
};

const fallbacks = SettingsCodec.decode(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, { fallback }]) => [name, fallback])),
);
if (E.isLeft(fallbacks)) throw new Error(`A default is no valid setting. ${problems(fallbacks.left)}`);

export const DEFAULT_SETTINGS: Settings = fallbacks.right;

const mergeable = (input: unknown): E.Either<string, Readonly<Record<string, unknown>>> =>
  decodeOnly(t.UnknownRecord, Object.keys(SETTINGS), input);

/** The settings with some of them changed, or what is wrong with the change. */
export const changeSettings = (settings: Settings, change: unknown): E.Either<string, Settings> =>
  E.chain((valid: Readonly<Record<string, unknown>>) =>
    E.mapLeft(problems)(SettingsCodec.decode({ ...settings, ...valid })),
  )(mergeable(change));
