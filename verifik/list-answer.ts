import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { RegistrationStatus, VendorRegistration } from '../domain/vendor-registration.js';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, inData, orNull, textOf } from './decode.js';
import { Registration, type RegistrationFields, toVendorRegistration } from './registration.js';
import { epochOf } from './time.js';

/** A registration in the list. `fullName` is set only if the list was requested with `populated`. */
export interface AppRegistrationListItem {
  readonly appRegistrationId: string;
  readonly status: RegistrationStatus;
  readonly project: string | undefined;
  readonly projectFlow: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly countryCode: string | undefined;
  readonly fullName: string | undefined;
  readonly language: string | undefined;
  /** ms since the Unix epoch, if Verifik sent a date. */
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
  /** Has check results only if the list was requested with `populated`. */
  readonly vendorRegistration: VendorRegistration;
}

export interface AppRegistrationPage {
  readonly items: readonly AppRegistrationListItem[];
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

const Names = t.partial({ fullName: t.unknown, firstName: t.unknown, lastName: t.unknown });

/** The name is in the registration or in the information validation, whole or in parts. */
const nameOf = ({ fullName, name, informationValidation }: RegistrationFields): string | undefined => {
  const names = Names.is(informationValidation) ? informationValidation : {};
  const parts = [names.firstName, names.lastName].flatMap((part) => textOf(part) ?? []);
  return textOf(fullName) ?? textOf(names.fullName) ?? textOf(parts.join(' ')) ?? textOf(name);
};

const toItem = (fields: RegistrationFields): AppRegistrationListItem => {
  const vendorRegistration = toVendorRegistration(fields);
  return {
    appRegistrationId: fields._id,
    status: vendorRegistration.status,
    vendorRegistration,
    project: vendorRegistration.project,
    projectFlow: vendorRegistration.projectFlow,
    email: vendorRegistration.contact?.email,
    phone: vendorRegistration.contact?.phone,
    countryCode: vendorRegistration.contact?.countryCode,
    fullName: nameOf(fields),
    language: textOf(fields.language),
    createdAt: epochOf(fields.createdAt),
    updatedAt: epochOf(fields.updatedAt),
  };
};

const Count = orNull(t.number);

const Page = t.intersection([
  t.type({ data: t.array(Registration) }),
  t.partial({ total: Count, limit: Count, page: Count, pages: Count }),
]);

/** Decodes `GET /app-registrations`. Computes the number of pages if it is absent. */
export const pageAnswer: Decode<AppRegistrationPage> = (body) =>
  pipe(
    decodeFields(Page)(body),
    E.map(({ data, total, limit, page, pages }) => ({
      items: data.map(toItem),
      page: page ?? 1,
      pages: pages ?? Math.max(1, Math.ceil((total ?? 0) / Math.max(limit ?? data.length, 1))),
      total: total ?? data.length,
    })),
  );

/** Decodes `GET /app-registrations/{id}` with all fields of the list. */
export const itemAnswer: Decode<AppRegistrationListItem> = inData((data) =>
  pipe(decodeFields(Registration)(data), E.map(toItem)),
);
