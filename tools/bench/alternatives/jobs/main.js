/** The onboarding with a status table and a job queue in the same PostgreSQL database. */
import { setTimeout as pause } from 'node:timers/promises';
import { makeWorkerUtils, parseCrontab, run } from 'graphile-worker';
import pg from 'pg';
import { noSuchOnboarding, serve } from '../shared/front.js';
import { DEADLINE_MS, setting, settings } from '../shared/settings.js';
import { CHECKS, createVerifik, Refused } from '../shared/verifik.js';
import * as statements from './statements.js';

const { port, verifikBaseUrl, clientToken } = settings();
const verifik = createVerifik({ verifikBaseUrl, clientToken });

const CONCURRENCY = 20;

/** Longer than the timeout of the first call, so that the job and the first call never register at the same time. */
const REGISTER_LATER = '15 seconds';
const REGISTRATION_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 100;

const pool = new pg.Pool({ connectionString: setting('DATABASE_URL'), max: CONCURRENCY + 2 });
pool.on('error', (error) => console.error(error));

/**
 * @param {{name: string, text: string}} statement
 * @param {unknown[]} [values]
 */
const query = (statement, values = []) => pool.query({ ...statement, values });

/** graphile-worker retries failed jobs with an exponential backoff. */
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
    const outcome = await verifik.readAppRegistration(appRegistrationId);
    if (outcome !== 'pending') await query(statements.ENDED, [reference, outcome]);
  },

  expire: async () => {
    await query(statements.EXPIRE);
  },
};

/** Unlocks the jobs of a dead process, which would stay locked for four hours. Correct only if there is one process. */
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
  // A query per minute costs less than a delayed job for each onboarding.
  parsedCronItems: parseCrontab('* * * * * expire'),
  noHandleSignals: true,
  preset: {
    // Recommended by the library's documentation on performance.
    worker: {
      concurrentJobs: CONCURRENCY,
      localQueue: { size: CONCURRENCY + 1 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});

/** Waits until the registration exists. */
const registered = async (/** @type {string} */ reference) => {
  const deadline = Date.now() + REGISTRATION_TIMEOUT_MS;
  for (;;) {
    const [row] = (await query(statements.READ, [reference])).rows;
    if (row.refusal !== null) throw new Refused(row.refusal);
    if (row.app_registration_id !== null) return { appRegistrationId: row.app_registration_id, token: row.token };
    if (Date.now() > deadline) throw new Error('the registration does not exist yet');
    await pause(POLL_INTERVAL_MS);
  }
};

/** Registers immediately. After a failure, the job retries. */
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
    const { rowCount } = await query(statements.REPORTED, [id, check, CHECKS.length]);
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
