/** The settings of a peer, from its environment. */

/**
 * @param {string} name
 * @throws Error naming the variable that is absent
 */
export const setting = (name) => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name}: expected a value`);
  return value;
};

/** How the vendor is reached, and where the peer listens. */
export const settings = () => ({
  port: Number(setting('PORT')),
  verifikBaseUrl: setting('VERIFIK_BASE_URL'),
  clientToken: setting('VERIFIK_CLIENT_TOKEN'),
});

/** An onboarding that has not ended by then expires. */
export const DEADLINE_MS = 7 * 24 * 60 * 60 * 1_000;
