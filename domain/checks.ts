/** The four validations that an onboarding at Verifik consists of, in the order in which an applicant meets them. */
export const CHECK_NAMES = ['email', 'phone', 'document', 'biometric'] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** One value for each check. */
export type PerCheck<A> = { readonly [K in CheckName]: A };

/** Builds one value for each check. */
export const perCheck = <A>(make: (check: CheckName) => A): PerCheck<A> => ({
  email: make('email'),
  phone: make('phone'),
  document: make('document'),
  biometric: make('biometric'),
});
