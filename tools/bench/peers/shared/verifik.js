/** The calls of the vendor that every peer makes, in the same way. Node's `fetch` keeps its connections open between calls. */

const CALL_TIMEOUT_MS = 10_000;

/** What the authoritative read asks for: without populates the vendor answers with bare ids. */
const POPULATES = new URLSearchParams(
  ['emailValidation', 'phoneValidation', 'documentValidation', 'biometricValidation', 'compareFaceVerification'].map(
    (name) => /** @type {[string, string]} */ (['populates[]', name]),
  ),
);

/** The words by which the vendor says that a validation has passed, in lower case. */
const PASSED = {
  email: ['validated'],
  phone: ['validated'],
  document: ['completed', 'validated', 'active'],
  biometric: ['validated', 'completed'],
};

/** Statuses of the vendor that are no refusal of what was asked: the same call may succeed later. */
const PASSING = [401, 403, 408, 425, 429];

/** The checks that every onboarding asks for. */
export const CHECKS = Object.keys(PASSED);

/** The vendor refuses the request itself: asking the same again changes nothing. */
export class Refused extends Error {}

/** @param {{status?: string} | string | null | undefined} validation */
const wordOf = (validation) =>
  typeof validation === 'object' && validation !== null ? `${validation.status}`.toLowerCase() : '';

/**
 * What a registration comes to: `verified` only where all checks have passed by the vendor's own word.
 *
 * @param {Record<string, any>} registration
 * @returns {'verified' | 'rejected' | 'pending'}
 */
const standingOf = (registration) => {
  if (`${registration.status}`.toLowerCase() === 'failed') return 'rejected';
  if (registration.compareFaceVerification?.result?.passed === false) return 'pending';
  const passed = Object.entries(PASSED).every(([check, words]) =>
    words.includes(wordOf(registration[`${check}Validation`])),
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
      // The connection is used again only once its answer has been read.
      await response.arrayBuffer();
      if (status >= 400 && status < 500 && !PASSING.includes(status))
        throw new Refused(`Verifik refused the request with HTTP ${status}`);
      throw new Error(`Verifik answered with HTTP ${status}`);
    }
    return /** @type {Record<string, any>} */ (await response.json())['data'];
  };

  return {
    /**
     * Creates the app registration, or creates it again where the vendor has one of this contact.
     *
     * @param {import('./front.js').Start} request
     * @returns {Promise<{appRegistrationId: string, token: string}>}
     * @throws Refused
     */
    createAppRegistration: async ({ project, projectFlow, email, phone, countryCode, fullName }) => {
      const data = await call('/app-registrations', { project, projectFlow, email, phone, countryCode, fullName });
      // The first generation of the API answers flat, later ones nested.
      const appRegistrationId = (data.appRegistration ?? data)._id;
      return { appRegistrationId, token: data.token };
    },

    /**
     * The authoritative read.
     *
     * @param {string} appRegistrationId
     * @throws Refused
     */
    readAppRegistration: async (appRegistrationId) =>
      standingOf(await call(`/app-registrations/${appRegistrationId}?${POPULATES}`)),
  };
};
