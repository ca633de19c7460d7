import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Returns a text in one spelling: without white space at its ends, in Unicode's normalization form C. */
export const normalText = (text: string): string => text.trim().normalize('NFC');

/** Returns an email address in one spelling: lower case, as mail services and Verifik ignore the case. */
export const normalEmail = (text: string): string => text.trim().toLowerCase().normalize('NFC');

/** A phone number's digits, and its country code with `+`. */
export interface SplitNumber {
  readonly phone: string;
  readonly countryCode: string;
}

/** True if the digits are a whole number of the country, by the numbering plans of libphonenumber. */
const isNational = ({ phone, countryCode }: SplitNumber): boolean => {
  const parsed = parsePhoneNumberFromString(`${countryCode}${phone}`);
  return (
    parsed?.isValid() === true && parsed.nationalNumber === phone && `+${parsed.countryCallingCode}` === countryCode
  );
};

const isNationalOnlyAs = (phone: string, { countryCode, ...given }: SplitNumber): boolean =>
  !isNational({ ...given, countryCode }) && isNational({ phone, countryCode });

/**
 * Removes the trunk zero, which is dialled only within the country: `+57 0300…` is `+57 300…`. Keeps the zero of
 * countries where it belongs to the number, such as Italy, and of a number that is in no numbering plan.
 */
export const withoutTrunkZero = (number: SplitNumber): string => {
  const phone = number.phone.replace(/^0/, '');
  return isNationalOnlyAs(phone, number) ? phone : number.phone;
};

/** Restores the zero that a phone loses as a JSON number, in countries where it belongs to the number. */
export const withLostZero = (number: SplitNumber): string => {
  const phone = `0${number.phone}`;
  return isNationalOnlyAs(phone, number) ? phone : number.phone;
};
