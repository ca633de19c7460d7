/** The Verifik calls that all alternatives share. */

const CALL_TIMEOUT_MS = 10_000;

/** Without populates, Verifik answers a read with bare ids. */
const POPULATES = new URLSearchParams(
  ['emailValidation', 'phoneValidation', 'documentValidation', 'biometricValidation', 'compareFaceVerification'].map(
    (name) => /** @type {[string, string]} */ (['populates[]', name]),
  ),
);

/** Verifik's statuses of a passed validation, in lower case. */
const PASSED = {
  email: ['validated'],
  phone: ['validated'],
  document: ['completed', 'validated', 'active'],
  biometric: ['validated', 'completed'],
};

/** Client error statuses after which a retry may succeed. */
const RETRYABLE = [401, 403, 408, 425, 429];

export const CHECKS = Object.keys(PASSED);

/** Verifik rejected the request; a retry cannot succeed. */
export class Refused extends Error {}

/** @param {{status?: string} | string | null | undefined} validation */
const statusOf = (validation) =>
  typeof validation === 'object' && validation !== null ? `${validation.status}`.toLowerCase() : '';

/**
 * Decides on a registration: `verified` only if Verifik reports all checks as passed.
 *
 * @param {Record<string, any>} registration
 * @returns {'verified' | 'rejected' | 'pending'}
 */
const outcomeOf = (registration) => {
  if (`${registration.status}`.toLowerCase() === 'failed') return 'rejected';
  if (registration.compareFaceVerification?.result?.passed === false) return 'pending';
  const passed = Object.entries(PASSED).every(([check, words]) =>
    words.includes(statusOf(registration[`${check}Validation`])),
  );
  return passed ? 'verified' : 'pending';
};

/** @param {{verifikBaseUrl: string, clientToken: string}} settings */
export const createVerifik = ({ verifikBaseUrl, clientToken }) => {
  /**
   * @param {string} path
   * @param {unknown} [body] sent by POST; without it the call is a GET
   */
  const call = async (path, body) => {
    const response = await fetch(`${verifikBaseUrl}/v2${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${clientToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const { ok, status } = response;
    if (!ok) {
      // The connection is reused only after the body has been read.
      await response.arrayBuffer();
      if (status >= 400 && status < 500 && !RETRYABLE.includes(status))
        throw new Refused(`Verifik rejected the request with HTTP ${status}`);
      throw new Error(`Verifik answered with HTTP ${status}`);
    }
    return /** @type {Record<string, any>} */ (await response.json())['data'];
  };

  return {
    /**
     * Creates the app registration, or recreates that of the same contact.
     *
     * @param {import('./front.js').Start} request
     * @returns {Promise<{appRegistrationId: string, token: string}>}
     * @throws Refused
     */
    createAppRegistration: async ({ project, projectFlow, email, phone, countryCode, fullName }) => {
      const data = await call('/app-registrations', { project, projectFlow, email, phone, countryCode, fullName });
      // The first version of the API has a flat answer, later ones a nested one.
      const appRegistrationId = (data.appRegistration ?? data)._id;
      return { appRegistrationId, token: data.token };
    },

    /**
     * Reads the app registration, which is authoritative.
     *
     * @param {string} appRegistrationId
     * @throws Refused
     */
    readAppRegistration: async (appRegistrationId) =>
      outcomeOf(await call(`/app-registrations/${appRegistrationId}?${POPULATES}`)),
  };
};
