/** The validations of an onboarding, in the order in which an applicant completes them. */
export const CHECK_NAMES = ['email', 'phone', 'document', 'biometric'] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

export type PerCheck<A> = { readonly [K in CheckName]: A };

export const perCheck = <A>(make: (check: CheckName) => A): PerCheck<A> => ({
  email: make('email'),
  phone: make('phone'),
  document: make('document'),
  biometric: make('biometric'),
});
