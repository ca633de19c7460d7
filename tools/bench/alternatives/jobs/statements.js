/** The status table and its statements. A statement that adds a job changes the status in the same transaction. */

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS onboardings (
  reference           text PRIMARY KEY,
  request             jsonb NOT NULL,
  app_registration_id text,
  token               text,
  reported            text[] NOT NULL DEFAULT '{}',
  outcome             text,
  refusal             text,
  expires_at          timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS onboardings_open ON onboardings (expires_at) WHERE outcome IS NULL;
`;

/** A named statement, which PostgreSQL prepares once per connection. */
const statement = (/** @type {string} */ name, /** @type {string} */ text) => ({ name, text });

/** Returns one row if the onboarding is new. The job registers if this process dies first. */
export const START = statement(
  'start',
  `WITH started AS (
     INSERT INTO onboardings (reference, request, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING reference
   )
   SELECT (graphile_worker.add_job('register', json_build_object('reference', reference),
     run_at := now() + $4::interval, job_key := 'register:' || reference)).id
   FROM started`,
);

export const READ = statement(
  'read',
  'SELECT request, app_registration_id, token, outcome, refusal FROM onboardings WHERE reference = $1',
);

export const REGISTERED = statement(
  'registered',
  `UPDATE onboardings SET app_registration_id = $2, token = $3
   WHERE reference = $1 AND app_registration_id IS NULL`,
);

export const REGISTERED_AT_ONCE = statement(
  'registered-at-once',
  `WITH registered AS (
     UPDATE onboardings SET app_registration_id = $2, token = $3
     WHERE reference = $1 AND app_registration_id IS NULL RETURNING reference
   )
   SELECT (graphile_worker.remove_job('register:' || reference)).id FROM registered`,
);

/** Makes the job that registers due now. */
export const REGISTER_NOW = statement(
  'register-now',
  `SELECT (graphile_worker.add_job('register', json_build_object('reference', $1::text),
     job_key := 'register:' || $1)).id`,
);

export const REFUSED = statement(
  'refused',
  `UPDATE onboardings SET outcome = 'failed', refusal = $2 WHERE reference = $1 AND app_registration_id IS NULL`,
);

/** Returns one row if the onboarding exists. The report of the last check adds the job that reads Verifik. */
export const REPORTED = statement(
  'reported',
  `WITH updated AS (
     UPDATE onboardings SET reported = CASE WHEN $2 = ANY (reported) THEN reported ELSE reported || $2::text END
     WHERE reference = $1 RETURNING reference, app_registration_id, reported, outcome
   )
   SELECT CASE WHEN cardinality(reported) = $3 AND outcome IS NULL
     THEN (graphile_worker.add_job('confirm',
       json_build_object('reference', reference, 'appRegistrationId', app_registration_id),
       job_key := 'confirm:' || reference)).id END
   FROM updated`,
);

export const ENDED = statement('ended', 'UPDATE onboardings SET outcome = $2 WHERE reference = $1 AND outcome IS NULL');

export const EXPIRE = statement(
  'expire',
  `UPDATE onboardings SET outcome = 'expired' WHERE outcome IS NULL AND expires_at <= now()`,
);
