import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import {
  closed,
  decodeFields,
  documented,
  type FieldError,
  lineUpTo,
  matching,
  spelled,
  textUpTo,
} from '../shared/decoding.js';
import { type Contact, ContactFields, readContact } from './contact.js';
import { PolicyName, VendorId } from './ids.js';
import { type CompletePolicy, completePolicy, missingChannels, PolicyFields } from './policy/fields.js';
import type { Policy } from './policy/policy.js';
import { normalText } from './spelling.js';

export const FullName = spelled(lineUpTo(200), normalText);

/** The fields of a request, open for composition. Close the composed codec to reject unknown fields. */
export const RequestProps = t.intersection([
  t.type({
    project: documented(VendorId, { description: "Verifik's id of the project." }),
    projectFlow: documented(VendorId, { description: "Verifik's id of the project flow." }),
    contact: ContactFields,
    fullName: documented(FullName, { description: "The applicant's full name." }),
  }),
  t.partial({
    language: matching(/^[a-z]{2}(-[A-Z]{2})?$/, 'a language such as en or es', {
      maxLength: 5,
      description: "The language of Verifik's messages to the applicant.",
      examples: ['es'],
    }),
    appRegistrationId: documented(VendorId, {
      description: 'The registration to resume, if Verifik is known to have one.',
    }),
    policy: PolicyFields,
    policyName: documented(PolicyName, {
      description: "The name of a policy in the workers' file, in place of `policy`.",
    }),
  }),
]);

const RequestFields = closed(RequestProps);

/** A caller's request: the applicant, the project flow and the policy. */
export interface OnboardingRequestInput {
  readonly project: string;
  readonly projectFlow: string;
  /** An email, or a phone (digits only) with its country code (`+` and 1 to 3 digits), or both. */
  readonly contact: { readonly email?: string; readonly phone?: string; readonly countryCode?: string };
  readonly fullName: string;
  /** The language of Verifik's messages to the applicant. Verifik's default is `en`. */
  readonly language?: string;
  /** The registration to resume, if Verifik is known to have one. */
  readonly appRegistrationId?: string;
  /**
   * Overrides of the default policy. `required` defaults to the mandatory checks of the project flow that the contact
   * allows, `attemptLimits` to those of the flow.
   */
  readonly policy?: Partial<Omit<Policy, 'attemptLimits'>> & {
    readonly attemptLimits?: Partial<Policy['attemptLimits']>;
  };
  /** The name of a policy in the workers' file, in place of `policy`. */
  readonly policyName?: string;
}

/**
 * A decoded request, with its complete contact and policy. Until the project flow is known, `policy` requires every
 * check that the contact allows in place of what `openPolicy` leaves to the flow. A named policy is known from the
 * first answer of the worker on; until then, `policy` is the default one.
 */
export interface OnboardingRequest extends Omit<OnboardingRequestInput, 'contact' | 'policy'>, CompletePolicy {
  readonly contact: Contact;
}

/** A request in one spelling, with only the fields that the caller gave. */
type AskedRequest = Omit<t.TypeOf<typeof RequestFields>, 'contact'> & { readonly contact: Contact };

/**
 * Decodes the fields of a request to one spelling, and leaves out what the caller left out: equal requests decode as
 * equal, also by versions with other defaults. Does not check the policy against the contact.
 */
export const decodeSpelling = (input: unknown): E.Either<readonly FieldError[], AskedRequest> =>
  pipe(
    decodeFields(RequestFields)(input),
    E.filterOrElseW(
      ({ policy, policyName }) => policy === undefined || policyName === undefined,
      () => [{ field: 'policyName', expected: 'nothing beside policy: a request has one of the two' }],
    ),
    E.chain(({ contact, ...rest }) =>
      pipe(
        readContact(contact),
        E.map((read) => ({ ...rest, contact: read })),
      ),
    ),
  );

/** Fills in the default policy. Reports what the contact does not allow. */
export const withDefaultPolicy = ({
  policy: fields = {},
  ...rest
}: AskedRequest): E.Either<readonly FieldError[], OnboardingRequest> =>
  pipe(
    completePolicy(fields, rest.contact),
    E.map((policies): OnboardingRequest => ({ ...rest, ...policies })),
  );

/** Decodes a request and fills in the default policy. Reports every invalid field. */
export const decodeRequest = (input: unknown): E.Either<readonly FieldError[], OnboardingRequest> =>
  pipe(decodeSpelling(input), E.chain(withDefaultPolicy));

/** A caller's change of a registration. */
export const ReRegistrationFields = closed(
  t.partial({
    contact: documented(ContactFields, { description: 'The whole contact, if it has changed.' }),
    reason: textUpTo(500),
  }),
);

const CustomerFields = t.type({ project: VendorId, projectFlow: VendorId, contact: ContactFields });

/** Decodes the fields that identify a customer without a reference. */
export const decodeCustomer = (
  input: unknown,
): E.Either<readonly FieldError[], Pick<OnboardingRequest, 'project' | 'projectFlow' | 'contact'>> =>
  pipe(
    decodeFields(CustomerFields)(input),
    E.chain(({ project, projectFlow, contact: contactInput }) =>
      pipe(
        readContact(contactInput),
        E.map((contact) => ({ project, projectFlow, contact })),
      ),
    ),
  );

/** Accepts a contact that has a channel for every required check. */
export const contactFits =
  (policy: Policy) =>
  (contact: Contact): E.Either<readonly FieldError[], Contact> => {
    const errors = missingChannels(policy.required, contact);
    return errors.length === 0 ? E.right(contact) : E.left(errors);
  };
