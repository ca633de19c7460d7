/** The settings of an alternative, from environment variables. */

/**
 * @param {string} name
 * @throws Error that names the missing variable
 */
export const setting = (name) => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name}: expected a value`);
  return value;
};

export const settings = () => ({
  port: Number(setting('PORT')),
  verifikBaseUrl: setting('VERIFIK_BASE_URL'),
  clientToken: setting('VERIFIK_CLIENT_TOKEN'),
});

/** The time from the start until an open onboarding expires. */
export const DEADLINE_MS = 7 * 24 * 60 * 60 * 1_000;
