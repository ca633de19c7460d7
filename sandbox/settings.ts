import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** The project, its flow and the client that the sandbox knows unless told otherwise. */
export const DEFAULT_PROJECT = '65f0a1b2c3d4e5f601234567';
export const DEFAULT_PROJECT_FLOW = '65f0a1b2c3d4e5f601234568';

const rate = t.refinement(t.number, (n) => n >= 0 && n <= 1, 'a number from 0 to 1');
const count = t.refinement(t.number, (n) => Number.isInteger(n) && n >= 0, 'a whole number from 0');
const oneOf = <K extends string>(...words: readonly [K, ...K[]]) =>
  t.keyof(Object.fromEntries(words.map((word) => [word, null])) as Record<K, null>, words.join(' or '));

/** Everything about Verifik's behaviour that its documents disagree on or leave open, and how webhooks fare. */
export const SettingsCodec = t.type({
  /** What happens when the same contact is registered again. */
  reRegistration: oneOf('recreate', 'resume'),
  /** `absent`: an API generation that has no resend-link answers with a plain 404. */
  resendLink: oneOf('offered', 'absent'),
  createAnswer: oneOf('flat', 'nested'),
  /** `ids`: populates are passed over. */
  references: oneOf('populated', 'ids'),
  errorEnvelope: oneOf('seed', 'later', 'successFalse'),
  statusWords: oneOf('lower', 'upper'),
  sessionAnswer: oneOf('top', 'data'),
  /** The known project flows, each with its project. */
  projectFlows: t.record(t.string, t.string),
  /** What the flow asks for before it completes a registration: of email and phone, those that the registration has. */
  mandatory: t.array(oneOf('email', 'phone', 'document', 'biometric')),
  /** `alone`: whoever is registered goes through by themselves, as far as the flow asks for. */
  applicants: oneOf('wait', 'alone'),
  /** Email domains that the project's policy refuses. */
  refusedDomains: t.array(t.string),
  /** Milliseconds that every answer takes at least. */
  latencyMs: count,
  webhookUrl: t.union([t.string, t.null]),
  webhookDelayMs: count,
  /** How often each webhook is delivered. */
  webhookCopies: count,
  webhookLossRate: rate,
  /** Webhooks are held back in windows of this size and delivered in another order; 1 keeps the order. */
  webhookShuffle: count,
  /** How often a webhook is preceded by a forged one that claims success. */
  webhookForgeryRate: rate,
});

export type Settings = t.TypeOf<typeof SettingsCodec>;

export const DEFAULT_SETTINGS: Settings = {
  reRegistration: 'recreate',
  resendLink: 'offered',
  createAnswer: 'flat',
  references: 'populated',
  errorEnvelope: 'later',
  statusWords: 'lower',
  sessionAnswer: 'top',
  projectFlows: { [DEFAULT_PROJECT_FLOW]: DEFAULT_PROJECT },
  mandatory: ['email', 'phone', 'document', 'biometric'],
  applicants: 'wait',
  refusedDomains: ['refused.example'],
  latencyMs: 0,
  webhookUrl: null,
  webhookDelayMs: 0,
  webhookCopies: 1,
  webhookLossRate: 0,
  webhookShuffle: 1,
  webhookForgeryRate: 0,
};

/** What is wrong with an input, by path and expectation. */
export const problems = (errors: t.Errors): string =>
  errors
    .map(({ context }) => {
      const path = context.map(({ key }) => key).filter((key) => key !== '');
      return `${path.join('.') || '(root)'}: expected ${context[context.length - 1]?.type.name ?? 'another value'}`;
    })
    .join('; ');

/** The settings with some of them changed, or what is wrong with the change. */
export const changeSettings = (settings: Settings, change: unknown): E.Either<string, Settings> => {
  if (typeof change !== 'object' || change === null || Array.isArray(change))
    return E.left('(root): expected an object');
  const unknownKeys = Object.keys(change).filter((key) => !(key in settings));
  if (unknownKeys.length > 0) return E.left(unknownKeys.map((key) => `${key}: no such setting`).join('; '));
  return E.mapLeft(problems)(SettingsCodec.decode({ ...settings, ...change }));
};
