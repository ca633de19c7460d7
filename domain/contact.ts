/** How the applicant is reached. At least one of the two ways (a fact of the vendor's create call). */
export type Contact = EmailContact | PhoneContact | EmailAndPhoneContact;

interface EmailWay {
  readonly email: string;
}

interface PhoneWay {
  /** Digits only, without the country code. */
  readonly phone: string;
  /** `+` and one to three digits. */
  readonly countryCode: string;
}

export interface EmailContact extends EmailWay {
  readonly phone?: never;
  readonly countryCode?: never;
}

export interface PhoneContact extends PhoneWay {
  readonly email?: never;
}

export interface EmailAndPhoneContact extends EmailWay, PhoneWay {}
