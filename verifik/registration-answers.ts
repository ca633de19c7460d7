import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { RegistrationToken } from '../domain/state.js';
import type { RegistrationStatus, VendorRegistration } from '../domain/vendor-registration.js';
import { decodeFields } from '../shared/decoding.js';
import { defined } from '../shared/defined.js';
import { type Decode, inData, Token, textOf } from './decode.js';
import { Registration, type RegistrationFields, toVendorRegistration } from './registration.js';
import { readRegistrationWord } from './status-words.js';
import type { TokenExpiry } from './token.js';

/** Decodes `GET /app-registrations/{id}` and every other response with the registration itself. */
export const registrationAnswer: Decode<VendorRegistration> = inData((data) =>
  pipe(decodeFields(Registration)(data), E.map(toVendorRegistration)),
);

/** The status of a registration, with Verifik's word if it is unknown. */
export interface StatusAnswer {
  readonly status: RegistrationStatus;
  readonly unknownWord?: string;
}

export interface CreatedRegistration extends StatusAnswer {
  readonly appRegistrationId: string;
  readonly token: RegistrationToken;
}

const WithToken = t.type({ token: Token });
const Flat = t.intersection([Registration, WithToken]);
const Nested = t.intersection([t.type({ appRegistration: Registration }), WithToken]);
const isNested = t.type({ appRegistration: t.UnknownRecord }).is;

/** Decodes `POST /app-registrations`: flat in the first generation, nested in later ones. */
export const createdAnswer = (expiresAt: TokenExpiry): Decode<CreatedRegistration> => {
  const toCreated = ({ _id, status }: RegistrationFields, token: string): CreatedRegistration => ({
    appRegistrationId: _id,
    ...readRegistrationWord(status),
    token: { token, expiresAt: expiresAt(token) },
  });
  return inData((data) =>
    isNested(data)
      ? pipe(
          decodeFields(Nested)(data),
          E.map(({ appRegistration, token }) => toCreated(appRegistration, token)),
        )
      : pipe(
          decodeFields(Flat)(data),
          E.map((flat) => toCreated(flat, flat.token)),
        ),
  );
};

export interface ResentLink {
  readonly token: RegistrationToken;
  /** True if Verifik sent the link. Absent if the response does not say. */
  readonly emailSent?: boolean;
  readonly status: RegistrationStatus;
}

const Resent = t.intersection([
  WithToken,
  t.partial({ link: t.unknown, emailSent: t.unknown, status: t.unknown, expiresAt: t.unknown }),
]);

const MAX_LINK_LENGTH = 4_096;

/** Returns the link if an applicant can be sent to it. */
const linkOf = (value: unknown): string | undefined => {
  const link = textOf(value);
  return link !== undefined && link.length <= MAX_LINK_LENGTH && link.startsWith('https://') && URL.canParse(link)
    ? link
    : undefined;
};

/** Reads a boolean, or the later `{sent, email, mailgunId}`. Null without an email. */
const readEmailSent = (value: unknown): boolean | undefined => {
  if (value === null) return false;
  const sent = t.type({ sent: t.unknown }).is(value) ? value.sent : value;
  return typeof sent === 'boolean' ? sent : undefined;
};

export const resentAnswer = (expiresAt: TokenExpiry): Decode<ResentLink> =>
  inData((data) =>
    pipe(
      decodeFields(Resent)(data),
      E.map(({ token, link, emailSent, status, expiresAt: expiry }) => ({
        token: { token, expiresAt: expiresAt(token, expiry), ...defined({ link: linkOf(link) }) },
        status: readRegistrationWord(textOf(status) ?? '').status,
        ...defined({ emailSent: readEmailSent(emailSent) }),
      })),
    ),
  );

export const syncAnswer: Decode<StatusAnswer> = inData((data) =>
  pipe(
    decodeFields(t.type({ status: t.string }))(data),
    E.map(({ status }) => readRegistrationWord(status)),
  ),
);
