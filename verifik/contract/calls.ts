import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Call, VerifikClient } from '../api.js';
import { type CallPlan, type Calls, REFRESH } from '../calls.js';
import type { VerifikErrorType } from '../errors.js';
import type { AppRegistrationPage } from '../list-answer.js';
import { type CreatedRegistration, registrationAnswer } from '../registration-answers.js';
import { POPULATES } from '../registration-calls.js';

/** The project flow that is checked, and the invented applicant. */
export interface Subject {
  readonly project: string;
  readonly projectFlow: string;
  readonly email: string;
  readonly fullName: string;
}

/** The state of a check. The calls add the registrations that they create or find. */
export interface Progress extends Subject {
  readonly registrations: Set<string>;
  token?: string;
}

/** A finding that the decoder cannot report: an ignored filter, or a status word that the product does not know. */
export type Remark = 'ignored' | 'unknownWord' | undefined;

/** The means of a call. `id` is that of the created registration. */
interface Means {
  readonly client: VerifikClient;
  readonly calls: Calls;
  readonly progress: Progress;
  readonly id: string;
  readonly token: string;
}

/** A call of the check. */
export interface ContractCall {
  readonly name: string;
  /** `product`: the product makes this call. `optional`: the product can do without it. */
  readonly need: 'product' | 'optional';
  /** True if the call needs the created registration. */
  readonly needsRegistration?: true;
  /** The rejections that the product handles. */
  readonly handles?: readonly VerifikErrorType[];
  readonly run: (means: Means) => Call<Remark>;
}

/** An id that no registration has. */
const NO_REGISTRATION = 'ffffffffffffffffffffffff';

const remark = <A extends { readonly unknownWord?: string }>(call: Call<A>): Call<Remark> =>
  TE.map(({ unknownWord }: A): Remark => (unknownWord === undefined ? undefined : 'unknownWord'))(call);

const silent = <A>(call: Call<A>): Call<Remark> => TE.map((): Remark => undefined)(call);

/** Makes a call whose response the product does not read. */
const unread = ({ calls }: Means, plan: Omit<CallPlan<unknown>, 'decode'>): Call<Remark> =>
  silent(calls.asClient({ ...plan, decode: (body) => E.right(body) }));

const list = ({ client, progress: { project, projectFlow } }: Means): Call<Remark> =>
  silent(client.listAppRegistrations({ project, projectFlow, page: 1, limit: 10, populated: true }));

const create = ({ client, progress }: Means): Call<Remark> => {
  const { project, projectFlow, email, fullName } = progress;
  return remark(
    TE.map((created: CreatedRegistration) => {
      progress.registrations.add(created.appRegistrationId);
      progress.token = created.token.token;
      return created;
    })(client.createAppRegistration({ project, projectFlow, email, fullName })),
  );
};

/** Finds the registration by its email, also one whose creation had an unexpected response. */
const findByEmail = ({ client, progress }: Means): Call<Remark> => {
  const { project, projectFlow, email, registrations } = progress;
  return TE.map(({ items }: AppRegistrationPage): Remark => {
    for (const item of items) if (item.email === email) registrations.add(item.appRegistrationId);
    return items.some((item) => item.email !== email) ? 'ignored' : undefined;
  })(client.listAppRegistrations({ project, projectFlow, page: 1, limit: 100, like: { email } }));
};

const deleteAll = (means: Means): Call<Remark> => {
  const deletions = [...means.progress.registrations].map((id) =>
    unread(means, { endpoint: 'deleteAppRegistration', method: 'DELETE', path: `/app-registrations/${id}` }),
  );
  return silent(TE.sequenceSeqArray(deletions));
};

/** The calls in their order. The renewal comes after the deletion, in case it ends the configured token. */
export const CONTRACT_CALLS: readonly ContractCall[] = [
  { name: 'list the registrations of the flow', need: 'product', run: list },
  { name: 'create a registration', need: 'product', run: create },
  { name: 'create it again', need: 'product', needsRegistration: true, handles: ['AlreadyRegistered'], run: create },
  {
    name: 'read it',
    need: 'product',
    needsRegistration: true,
    run: ({ client, id }) => remark(client.getAppRegistration(id)),
  },
  {
    name: 'read it with its personal data',
    need: 'product',
    needsRegistration: true,
    run: ({ client, id }) => silent(client.getWholeAppRegistration(id)),
  },
  {
    name: "read it with the applicant's token",
    need: 'optional',
    needsRegistration: true,
    run: ({ calls, token }) =>
      remark(
        calls.asApplicant(token, {
          endpoint: 'getOwnAppRegistration',
          method: 'POST',
          path: '/app-registrations/me',
          body: { populates: POPULATES },
          decode: registrationAnswer,
        }),
      ),
  },
  {
    name: 'read a registration that does not exist',
    need: 'product',
    handles: ['NotFound'],
    run: ({ client }) => silent(client.getAppRegistration(NO_REGISTRATION)),
  },
  {
    name: 'issue a new token without an email',
    need: 'product',
    needsRegistration: true,
    handles: ['NotSupported'],
    run: ({ client, id }) => silent(client.resendLink(id, { sendEmail: false })),
  },
  {
    name: 'complete it too early',
    need: 'product',
    needsRegistration: true,
    handles: ['AttemptFailed', 'InvalidRequest', 'RegistrationClosed', 'NotSupported'],
    run: ({ client, id, token }) => remark(client.syncAppRegistration(id, { token, step: 'end' })),
  },
  {
    name: 'read the project flow',
    need: 'product',
    handles: ['NotSupported', 'Credentials'],
    run: ({ client, progress }) => silent(client.getProjectFlow(progress.projectFlow)),
  },
  { name: 'filter the list by email', need: 'optional', run: findByEmail },
  {
    name: 'read the statistics',
    need: 'optional',
    run: (means) =>
      unread(means, {
        endpoint: 'getStatistics',
        method: 'GET',
        path: '/app-registrations/statistics',
        query: new URLSearchParams({ project: means.progress.project, funnel: 'true' }),
      }),
  },
  {
    name: 'override its status',
    need: 'optional',
    needsRegistration: true,
    run: (means) =>
      unread(means, {
        endpoint: 'overrideStatus',
        method: 'PUT',
        path: `/app-registrations/${means.id}/sync`,
        body: { step: 'adminOverride', status: 'FAILED', note: 'contract check' },
      }),
  },
  { name: 'delete it', need: 'optional', needsRegistration: true, run: deleteAll },
  { name: "renew the client's token", need: 'product', run: ({ calls }) => silent(calls.asClient(REFRESH)) },
  { name: 'use the token from before the renewal', need: 'product', run: list },
];
