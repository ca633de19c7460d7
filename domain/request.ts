import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import {
  closed,
  decodeFields,
  documented,
  type FieldError,
  matching,
  oneOf,
  textUpTo,
  wholeNumber,
} from '../shared/decoding.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.js';
import { CHECK_NAMES, type CheckName, perCheck } from './checks.js';
import type { Contact } from './contact.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';

export const CheckNameCodec = oneOf(CHECK_NAMES);

// Email addresses are checked for their shape only: the vendor sends a code, which is the real test.
const Email = matching(/^[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}$/, 'an email address', {
  examples: ['applicant@example.com'],
});
const Phone = matching(/^[0-9]{4,15}$/, 'a phone number of 4 to 15 digits, without the country code', {
  description: 'Digits only, without the country code. With `countryCode`.',
  examples: ['3001234567'],
});
const CountryCode = matching(/^\+[0-9]{1,3}$/, 'a country code: + and 1 to 3 digits', {
  description: '`+` and 1 to 3 digits. With `phone`.',
  examples: ['+57'],
});

/** An id that Verifik gave. */
export const VendorId = matching(/^[A-Za-z0-9_-]{1,64}$/, 'an id of letters, digits, - and _ (64 at most)', {
  examples: ['65f0a1b2c3d4e5f601234500'],
});

export const ContactFields = documented(closed(t.partial({ email: Email, phone: Phone, countryCode: CountryCode })), {
  description: 'An email, or a phone with its country code, or both.',
});

const attemptLimit = wholeNumber(1, 20);

const PolicyFields = documented(
  closed(
    t.partial({
      required: documented(t.array(CheckNameCodec), {
        description: 'The checks that must pass: at least one, and none that the contact does not allow.',
      }),
      attemptLimits: documented(closed(t.partial(perCheck(() => attemptLimit))), {
        description: 'How many validations of a check may fail before the onboarding is rejected.',
      }),
      deadlineMs: documented(wholeNumber(MINUTE_MS, 365 * DAY_MS), {
        description: 'From the start to `expired`, in ms.',
      }),
      reminders: documented(
        closed(t.type({ afterMs: wholeNumber(MINUTE_MS, 365 * DAY_MS), max: wholeNumber(0, 20) })),
        { description: 'A reminder goes out when the applicant has done nothing for `afterMs`, at most `max` times.' },
      ),
      reconcile: documented(
        closed(
          t.type({ firstMs: wholeNumber(10 * SECOND_MS, DAY_MS), maxMs: wholeNumber(10 * SECOND_MS, 7 * DAY_MS) }),
        ),
        {
          description:
            'When nothing is heard, Verifik is read after `firstMs`, then at doubled distances up to `maxMs`, which is not less.',
        },
      ),
      verifiedForMs: documented(wholeNumber(HOUR_MS, 3650 * DAY_MS), {
        description: 'For how long a `verified` holds, in ms.',
      }),
    }),
  ),
  {
    description: 'What differs from the default policy. `required` is by default every check that the contact allows.',
  },
);

/** The fields of a request, each by itself. Whoever takes others as well closes them together. */
export const RequestProps = t.intersection([
  t.type({
    project: documented(VendorId, { description: "Verifik's id of the project." }),
    projectFlow: documented(VendorId, { description: "Verifik's id of the project flow." }),
    contact: ContactFields,
    fullName: textUpTo(200),
  }),
  t.partial({
    language: matching(/^[a-z]{2}(-[A-Z]{2})?$/, 'a language such as en or es', {
      description: 'Language of what Verifik sends to the applicant.',
      examples: ['es'],
    }),
    appRegistrationId: documented(VendorId, {
      description: 'The registration to go on with, where it is known that Verifik already has one.',
    }),
    policy: PolicyFields,
  }),
]);

const RequestFields = closed(RequestProps);

/** What a caller asks for: who is to be onboarded, through which flow, under which rules. */
export interface OnboardingRequestInput {
  /** Verifik's id of the project. */
  readonly project: string;
  /** Verifik's id of the project flow. */
  readonly projectFlow: string;
  /** An email, or a phone (digits only) with its country code (`+` and 1 to 3 digits), or both. */
  readonly contact: { readonly email?: string; readonly phone?: string; readonly countryCode?: string };
  readonly fullName: string;
  /** Language of what the vendor sends to the applicant. The vendor's default is `en`. */
  readonly language?: string;
  /** The registration to go on with, where the caller knows that the vendor already has one. */
  readonly appRegistrationId?: string;
  /** What differs from the default policy. `required` is by default every check that the contact allows. */
  readonly policy?: Partial<Omit<Policy, 'attemptLimits'>> & {
    readonly attemptLimits?: Partial<Policy['attemptLimits']>;
  };
}

/** A request that has been read: its contact is whole and its policy complete. */
export interface OnboardingRequest extends Omit<OnboardingRequestInput, 'contact' | 'policy'> {
  readonly contact: Contact;
  readonly policy: Policy;
}

type WayFields = t.TypeOf<typeof ContactFields>;

const readContact = ({ email, phone, countryCode }: WayFields): E.Either<readonly FieldError[], Contact> => {
  if (phone !== undefined && countryCode === undefined)
    return E.left([{ field: 'contact.countryCode', expected: 'a country code, as there is a phone' }]);
  if (phone === undefined && countryCode !== undefined)
    return E.left([{ field: 'contact.phone', expected: 'a phone number, as there is a country code' }]);
  if (phone !== undefined && countryCode !== undefined)
    return E.right(email === undefined ? { phone, countryCode } : { email, phone, countryCode });
  return email === undefined ? E.left([{ field: 'contact', expected: 'an email or a phone' }]) : E.right({ email });
};

const hasWay = (contact: Contact, check: CheckName): boolean =>
  (check !== 'email' || contact.email !== undefined) && (check !== 'phone' || contact.phone !== undefined);

const missingWays = (required: readonly CheckName[], contact: Contact): readonly FieldError[] =>
  required
    .filter((check) => !hasWay(contact, check))
    .map((check) => ({ field: `contact.${check}`, expected: `a value, as the policy requires ${check}` }));

const readPolicy = (
  fields: t.TypeOf<typeof PolicyFields>,
  contact: Contact,
): E.Either<readonly FieldError[], Policy> => {
  const required = CHECK_NAMES.filter((check) => fields.required?.includes(check) ?? hasWay(contact, check));
  const errors = [...missingWays(required, contact)];
  if (required.length === 0) errors.push({ field: 'policy.required', expected: 'at least one check' });
  const policy: Policy = {
    ...DEFAULT_POLICY,
    ...fields,
    required,
    attemptLimits: { ...DEFAULT_POLICY.attemptLimits, ...fields.attemptLimits },
  };
  if (policy.reconcile.maxMs < policy.reconcile.firstMs)
    errors.push({ field: 'policy.reconcile.maxMs', expected: 'at least policy.reconcile.firstMs' });
  return errors.length === 0 ? E.right(policy) : E.left(errors);
};

/** Reads a request, fills in the default policy and says every field that is wrong. */
export const decodeRequest = (input: unknown): E.Either<readonly FieldError[], OnboardingRequest> =>
  pipe(
    decodeFields(RequestFields)(input),
    E.chain(({ contact: ways, policy: policyFields, ...rest }) =>
      pipe(
        readContact(ways),
        E.chain((contact) =>
          pipe(
            readPolicy(policyFields ?? {}, contact),
            E.map((policy): OnboardingRequest => ({ ...rest, contact, policy })),
          ),
        ),
      ),
    ),
  );

/** Reads a contact alone, as a re-registration may bring one. */
export const decodeContact = (input: unknown): E.Either<readonly FieldError[], Contact> =>
  pipe(
    decodeFields(t.type({ contact: ContactFields }))({ contact: input }),
    E.chain((read) => readContact(read.contact)),
  );

const CustomerFields = t.type({ project: VendorId, projectFlow: VendorId, contact: ContactFields });

/** Reads of a request what tells one customer from another where there is no reference. */
export const decodeCustomer = (
  input: unknown,
): E.Either<readonly FieldError[], Pick<OnboardingRequest, 'project' | 'projectFlow' | 'contact'>> =>
  pipe(
    decodeFields(CustomerFields)(input),
    E.chain(({ project, projectFlow, contact: ways }) =>
      pipe(
        readContact(ways),
        E.map((contact) => ({ project, projectFlow, contact })),
      ),
    ),
  );

/** Passes a contact that has a way for every check that the policy requires. */
export const contactFits =
  (policy: Policy) =>
  (contact: Contact): E.Either<readonly FieldError[], Contact> => {
    const errors = missingWays(policy.required, contact);
    return errors.length === 0 ? E.right(contact) : E.left(errors);
  };
