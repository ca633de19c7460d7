import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { CheckName } from '../domain/checks.js';
import { type Contact, decodeContact } from '../domain/contact.js';
import { VendorId } from '../domain/ids.js';
import { decodeFields, type FieldError, matching, textUpTo } from '../shared/decoding.js';
import { readComparison } from './comparison.js';
import { readContactFields } from './contact.js';
import { textOf } from './decode.js';
import { readCheckWord } from './status-words.js';
import { isSuffix, type Meaning, MISMATCH, WEBHOOKS, type WebhookSuffix } from './webhook-types.js';

/** The ids by which a webhook finds its onboarding. The contact is personal data and is hashed before further use. */
export type WebhookRoute =
  | { readonly by: 'registration'; readonly appRegistrationId: string }
  | { readonly by: 'validation'; readonly validationId: string }
  | {
      readonly by: 'contact';
      readonly contact: Contact;
      readonly project?: string;
      readonly projectFlow?: string;
    };

export type WebhookReport =
  | {
      readonly about: CheckName;
      readonly status: string;
      readonly validationId?: string;
      readonly appRegistrationId?: string;
    }
  | { readonly about: 'appRegistration'; readonly status: string; readonly appRegistrationId: string };

export type WebhookReading =
  /** `routes` is in order of precedence, and never empty. */
  | {
      readonly kind: 'report';
      readonly suffix: WebhookSuffix;
      readonly report: WebhookReport;
      readonly routes: readonly WebhookRoute[];
    }
  | { readonly kind: 'nothing'; readonly suffix: WebhookSuffix; readonly why: string }
  | { readonly kind: 'unknown' };

type Read<A> = E.Either<readonly FieldError[], A>;

const StatusWord = matching(/^[\w.-]{1,64}$/, "one of Verifik's status words");

/** Verifik sends null or an empty text for an absent value, or omits the field. */
const orNull = <C extends t.Any>(codec: C) => t.union([codec, t.null, t.undefined, t.literal('')]);

const Reference = orNull(t.union([VendorId, t.type({ _id: VendorId })]));

const idIn = (reference: t.TypeOf<typeof Reference>): string | undefined =>
  typeof reference === 'string' ? textOf(reference) : reference?._id;

const Typed = t.type({ type: textUpTo(200) });

const RegistrationObject = t.type({ object: t.type({ _id: VendorId }) });

const ComparisonObject = t.type({
  object: t.type({ _id: VendorId, compareResult: t.unknown }),
});

const ValidationObject = t.type({
  object: t.intersection([
    t.type({ _id: VendorId }),
    t.partial({
      // Decoded only where the type of the webhook does not say the result.
      status: t.unknown,
      appRegistration: Reference,
      // Fields that only help to find the onboarding may have any type.
      email: t.unknown,
      phone: t.unknown,
      countryCode: t.unknown,
      project: t.unknown,
      projectFlow: t.unknown,
    }),
  ]),
});

/** For documents, whose webhooks do not say the result in their type. */
const ValidationWithStatus = t.intersection([
  ValidationObject,
  t.type({ object: t.partial({ status: orNull(StatusWord) }) }),
]);

type Validation = t.TypeOf<typeof ValidationObject>['object'];

const comparisonOf = (compareResult: unknown) =>
  (readComparison(compareResult) ?? readComparison({ result: compareResult }))?.comparison;

const contactOf = (name: CheckName, { email, phone, countryCode }: Validation): Contact | undefined => {
  if (name !== 'email' && name !== 'phone') return undefined;
  const { email: address, ...number } = readContactFields({ email, phone, countryCode });
  const contact = decodeContact(name === 'email' ? { email: address } : number);
  return E.isRight(contact) ? contact.right : undefined;
};

const flowOf = ({ project, projectFlow }: Validation): { readonly project?: string; readonly projectFlow?: string } => {
  const [projectId, flowId] = [project, projectFlow].map((reference) =>
    Reference.is(reference) ? idIn(reference) : undefined,
  );
  return {
    ...(projectId === undefined ? {} : { project: projectId }),
    ...(flowId === undefined ? {} : { projectFlow: flowId }),
  };
};

const routesOf = (name: CheckName, validation: Validation): readonly WebhookRoute[] => {
  const appRegistrationId = idIn(validation.appRegistration);
  const contact = contactOf(name, validation);
  return [
    ...(appRegistrationId === undefined ? [] : [{ by: 'registration', appRegistrationId } as const]),
    { by: 'validation', validationId: validation._id },
    ...(contact === undefined ? [] : [{ by: 'contact', contact, ...flowOf(validation) } as const]),
  ];
};

/** True if the validation is still in progress, which onboardings need not know. */
const isInProgress = (name: CheckName, word: string): boolean => {
  const { result, unknownWord } = readCheckWord(name, word);
  return result === 'pending' && unknownWord === undefined;
};

const readCheck = (
  suffix: WebhookSuffix,
  { check: name, word }: Extract<Meaning, { kind: 'check' }>,
  validation: Validation,
): WebhookReading => {
  const status = word ?? textOf(validation.status);
  if (status === undefined || isInProgress(name, status))
    return { kind: 'nothing', suffix, why: 'the validation is in progress' };
  const appRegistrationId = idIn(validation.appRegistration);
  return {
    kind: 'report',
    suffix,
    report: {
      about: name,
      status,
      validationId: validation._id,
      ...(appRegistrationId === undefined ? {} : { appRegistrationId }),
    },
    routes: routesOf(name, validation),
  };
};

const registrationReport = (suffix: WebhookSuffix, status: string, appRegistrationId: string): WebhookReading => ({
  kind: 'report',
  suffix,
  report: { about: 'appRegistration', status, appRegistrationId },
  routes: [{ by: 'registration', appRegistrationId }],
});

const readKnown = (suffix: WebhookSuffix, body: unknown): Read<WebhookReading> => {
  const meaning: Meaning = WEBHOOKS[suffix];
  switch (meaning.kind) {
    case 'nothing':
      return E.right({ kind: 'nothing', suffix, why: meaning.why });
    case 'registration':
      return pipe(
        decodeFields(RegistrationObject)(body),
        E.map(({ object }) => registrationReport(suffix, meaning.word, object._id)),
      );
    case 'comparison':
      return pipe(
        decodeFields(ComparisonObject)(body),
        E.map(({ object: { _id: appRegistrationId, compareResult } }): WebhookReading => {
          const comparison = comparisonOf(compareResult);
          if (comparison === undefined) return { kind: 'nothing', suffix, why: 'the faces have not been compared' };
          if (comparison === 'mismatch') return registrationReport(suffix, MISMATCH, appRegistrationId);
          const report = { about: 'biometric', status: 'validated', appRegistrationId } as const;
          return { kind: 'report', suffix, report, routes: [{ by: 'registration', appRegistrationId }] };
        }),
      );
    case 'check':
      return pipe(
        meaning.word === undefined ? decodeFields(ValidationWithStatus)(body) : decodeFields(ValidationObject)(body),
        E.map(({ object }) => readCheck(suffix, meaning, object)),
      );
  }
};

/** Returns the known suffix of a webhook type. The prefix is the type of the flow. */
const suffixOf = (type: string): WebhookSuffix | undefined => {
  const words = type.split('_');
  return words.map((_word, index) => words.slice(index).join('_')).find(isSuffix);
};

/**
 * Decodes a webhook into its report and routes. Accepts unknown types and fields. An error names the field and the
 * expected value, never the given one.
 */
export const readWebhook = (body: unknown): Read<WebhookReading> =>
  pipe(
    decodeFields(Typed)(body),
    E.chain(({ type }) => {
      const suffix = suffixOf(type);
      return suffix === undefined ? E.right<never, WebhookReading>({ kind: 'unknown' }) : readKnown(suffix, body);
    }),
  );
