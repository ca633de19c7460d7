import { matching } from '../shared/decoding.js';

/** The caller's own opaque reference for a customer. An address does not fit, on purpose: references are shown unencrypted. */
export const Reference = matching(
  /^[A-Za-z0-9._:-]{1,200}$/,
  'an opaque reference of 1 to 200 letters, digits and . _ : - (never an email, a phone or a name)',
);
