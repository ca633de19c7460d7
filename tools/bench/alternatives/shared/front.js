/** The HTTP API that all alternatives share. */
import { createServer } from 'node:http';
import { CHECKS, Refused } from './verifik.js';

/**
 * @typedef {object} Start
 * @property {string} reference
 * @property {string} project
 * @property {string} projectFlow
 * @property {string} email
 * @property {string} phone
 * @property {string} countryCode
 * @property {string} fullName
 */

/**
 * @typedef {object} Onboardings @property {(request: Start) => Promise<{appRegistrationId: string, token: string}>}
 * start resolves when the registration is durable @property {(id: string, report: {check: string, status: string,
 * validationId: string}) => Promise<void>} report resolves when the report is durable @property {(id: string) =>
 * Promise<{status: 'running' | 'ended', outcome?: string} | undefined>} read resolves to undefined if the onboarding
 * does not exist
 */

const START_FIELDS = ['reference', 'project', 'projectFlow', 'email', 'phone', 'countryCode', 'fullName'];
const REPORT_FIELDS = ['status', 'validationId'];

/** A reference is also the id of the onboarding, and safe in a path, a key and a log. */
const REFERENCE = /^[\w.-]{1,100}$/;

/** An error response. */
class Answer extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Creates the error for an unknown onboarding id. */
export const noSuchOnboarding = () => new Answer(404, 'the onboarding does not exist');

/** @param {import('node:http').IncomingMessage} request */
const readJson = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Answer(400, 'the body: expected JSON');
  }
};

/**
 * @param {Record<string, unknown>} body
 * @param {readonly string[]} fields
 * @returns {Record<string, string>}
 */
const pick = (body, fields) => {
  const wrong = fields.find((field) => typeof body?.[field] !== 'string' || body[field] === '');
  if (wrong !== undefined) throw new Answer(400, `${wrong}: expected a non-empty string`);
  return Object.fromEntries(fields.map((field) => [field, String(body[field])]));
};

/**
 * @param {Onboardings} onboardings
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<[status: number, body: unknown]>}
 */
const route = async ({ start, report, read }, request) => {
  const { method, url = '' } = request;
  const [, room, id, validations, check] = url.split('/');
  if (room === 'healthz') {
    // Healthy only if the store answers.
    await read('healthz');
    return [200, { status: 'ok' }];
  }
  if (room !== 'onboardings') throw new Answer(404, 'the path does not exist');
  if (method === 'POST' && id === undefined) {
    const body = /** @type {Start} */ (/** @type {unknown} */ (pick(await readJson(request), START_FIELDS)));
    if (!REFERENCE.test(body.reference)) throw new Answer(400, 'reference: expected 1 to 100 of A-Z a-z 0-9 _ . -');
    return [201, { id: body.reference, ...(await start(body)) }];
  }
  if (id === undefined || !REFERENCE.test(id)) throw noSuchOnboarding();
  if (method === 'POST' && validations === 'validations' && check !== undefined && CHECKS.includes(check)) {
    const { status = '', validationId = '' } = pick(await readJson(request), REPORT_FIELDS);
    await report(id, { check, status, validationId });
    return [202, {}];
  }
  if (method === 'GET' && validations === undefined) {
    const onboarding = await read(id);
    if (onboarding === undefined) throw noSuchOnboarding();
    return [200, onboarding];
  }
  throw new Answer(404, 'the path does not exist');
};

/** @param {unknown} error */
const answerTo = (error) => {
  if (error instanceof Answer) return /** @type {const} */ ([error.status, error.message]);
  if (error instanceof Refused) return /** @type {const} */ ([422, error.message]);
  console.error(error);
  return /** @type {const} */ ([503, 'temporary failure: repeat the request']);
};

/**
 * Serves the onboardings on the loopback interface until SIGTERM, and calls `close` then.
 *
 * @param {number} port
 * @param {Onboardings & {close: () => Promise<void>}} onboardings
 */
export const serve = (port, onboardings) => {
  const server = createServer(async (request, response) => {
    /** @type {readonly [number, unknown]} */
    let answer;
    try {
      answer = await route(onboardings, request);
    } catch (error) {
      const [status, message] = answerTo(error);
      answer = [status, { message }];
    }
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    void onboardings.close().finally(() => process.exit(0));
  });
};
