/** The onboarding as a row of a status table, and a job queue in the same PostgreSQL: what a team writes by hand. */
import { setTimeout as pause } from 'node:timers/promises';
import { makeWorkerUtils, parseCrontab, run } from 'graphile-worker';
import pg from 'pg';
import { noSuchOnboarding, serve } from '../shared/front.js';
import { DEADLINE_MS, setting, settings } from '../shared/settings.js';
import { CHECKS, createVerifik, Refused } from '../shared/verifik.js';
import * as statements from './statements.js';

const { port, verifikBaseUrl, clientToken } = settings();
const verifik = createVerifik({ verifikBaseUrl, clientToken });

/** Jobs at a time. */
const CONCURRENCY = 20;

/** Longer than the first call of the vendor may take: whoever registers then is alone. */
const REGISTER_LATER = '15 seconds';
const REGISTERED_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 100;

const pool = new pg.Pool({ connectionString: setting('DATABASE_URL'), max: CONCURRENCY + 2 });
pool.on('error', (error) => console.error(error));

/**
 * @param {{name: string, text: string}} statement
 * @param {unknown[]} [values]
 */
const query = (statement, values = []) => pool.query({ ...statement, values });

/** What a job does is done again after a crash or a failure: graphile-worker retries with an exponential back-off. */
const taskList = {
  /** @param {any} payload */
  register: async ({ reference }) => {
    const [row] = (await query(statements.READ, [reference])).rows;
    if (row.app_registration_id !== null || row.outcome !== null) return;
    try {
      const { appRegistrationId, token } = await verifik.createAppRegistration(row.request);
      await query(statements.REGISTERED, [reference, appRegistrationId, token]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await query(statements.REFUSED, [reference, error.message]);
    }
  },

  /** @param {any} payload */
  confirm: async ({ reference, appRegistrationId }) => {
    const standing = await verifik.readAppRegistration(appRegistrationId);
    if (standing !== 'pending') await query(statements.ENDED, [reference, standing]);
  },

  expire: async () => {
    await query(statements.EXPIRE);
  },
};

/** Jobs stay locked by a process that has died, for four hours. This process is the only one, so whatever is locked was left behind. */
const unlock = async () => {
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  const { rows } = await pool.query('SELECT DISTINCT locked_by FROM graphile_worker.jobs WHERE locked_by IS NOT NULL');
  await utils.forceUnlockWorkers(rows.map(({ locked_by }) => locked_by));
  await utils.release();
};

await pool.query(statements.SCHEMA);
await unlock();
const runner = await run({
  pgPool: pool,
  taskList,
  // A look at what is overdue each minute costs less than a delayed job for each onboarding.
  parsedCronItems: parseCrontab('* * * * * expire'),
  noHandleSignals: true,
  preset: {
    // As the library's page on performance has it.
    worker: {
      concurrentJobs: CONCURRENCY,
      localQueue: { size: CONCURRENCY + 1 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});

/** The registration, as soon as whoever makes it has done so. */
const registered = async (/** @type {string} */ reference) => {
  const deadline = Date.now() + REGISTERED_WITHIN_MS;
  for (;;) {
    const [row] = (await query(statements.READ, [reference])).rows;
    if (row.refusal !== null) throw new Refused(row.refusal);
    if (row.app_registration_id !== null) return { appRegistrationId: row.app_registration_id, token: row.token };
    if (Date.now() > deadline) throw new Error('the registration does not exist yet');
    await pause(ASK_AGAIN_MS);
  }
};

/** Registers at once; what goes wrong is left to the job. */
const register = async (/** @type {import('../shared/front.js').Start} */ request) => {
  const { reference } = request;
  try {
    const registration = await verifik.createAppRegistration(request);
    const { appRegistrationId, token } = registration;
    const { rowCount } = await query(statements.REGISTERED_AT_ONCE, [reference, appRegistrationId, token]);
    if (rowCount === 1) return registration;
  } catch (error) {
    console.error(error);
    await query(statements.REGISTER_NOW, [reference]);
  }
  return registered(reference);
};

serve(port, {
  start: async (request) => {
    const { reference } = request;
    const expiresAt = new Date(Date.now() + DEADLINE_MS);
    const { rowCount } = await query(statements.START, [reference, request, expiresAt, REGISTER_LATER]);
    return rowCount === 1 ? register(request) : registered(reference);
  },
  report: async (id, { check }) => {
    const { rowCount } = await query(statements.HEARD, [id, check, CHECKS.length]);
    if (rowCount === 0) throw noSuchOnboarding();
  },
  read: async (id) => {
    const [row] = (await query(statements.READ, [id])).rows;
    if (row === undefined) return undefined;
    return row.outcome === null ? { status: 'running' } : { status: 'ended', outcome: row.outcome };
  },
  close: async () => {
    await runner.stop();
    await pool.end();
  },
});
