/** The HTTP front that every peer has: the same routes, the same checks of what comes in, the same answers. */
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
 * @typedef {object} Onboardings
 * @property {(request: Start) => Promise<{appRegistrationId: string, token: string}>} start answers once the registration exists durably
 * @property {(id: string, report: {check: string, status: string, validationId: string}) => Promise<void>} report answers once the report is durable
 * @property {(id: string) => Promise<{status: 'running' | 'ended', outcome?: string} | undefined>} read nothing where there is no such onboarding
 */

const START_FIELDS = ['reference', 'project', 'projectFlow', 'email', 'phone', 'countryCode', 'fullName'];
const REPORT_FIELDS = ['status', 'validationId'];

/** An onboarding's id is its reference: what looks like this is safe in a path, a key and a log. */
const REFERENCE = /^[\w.-]{1,100}$/;

/** What is answered instead of what was asked for. */
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

/** Thrown by a peer that has no onboarding of the id. */
export const noSuchOnboarding = () => new Answer(404, 'there is no such onboarding');

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
  if (wrong !== undefined) throw new Answer(400, `${wrong}: expected a text`);
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
    // Answers only where what the onboardings are kept in can be asked.
    await read('healthz');
    return [200, { status: 'ok' }];
  }
  if (room !== 'onboardings') throw new Answer(404, 'there is no such path');
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
  throw new Answer(404, 'there is no such path');
};

/** @param {unknown} error */
const answerTo = (error) => {
  if (error instanceof Answer) return /** @type {const} */ ([error.status, error.message]);
  if (error instanceof Refused) return /** @type {const} */ ([422, error.message]);
  console.error(error);
  return /** @type {const} */ ([503, 'this could not be done now: ask again']);
};

/**
 * Serves the onboardings on the loopback interface, until SIGTERM; then `close` is called.
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
