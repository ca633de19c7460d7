/**
 * The onboarding as a Restate virtual object. The Restate server stores its state and journal, and calls the handlers.
 */
import './node20.js';
import { createServer } from 'node:http2';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { serve } from '../shared/front.js';
import { DEADLINE_MS, setting, settings } from '../shared/settings.js';
import { CHECKS, createVerifik, Refused } from '../shared/verifik.js';

const { port, verifikBaseUrl, clientToken } = settings();
const verifik = createVerifik({ verifikBaseUrl, clientToken });
const ingress = clients.connect({ url: setting('RESTATE_INGRESS_URL') });

const REFUSED = 422;

/**
 * The reference of the virtual object in its own handlers.
 *
 * @type {restate.VirtualObjectDefinition<'Onboarding', {expire: (ctx: restate.ObjectContext) => Promise<void>}>}
 */
const SELF = { name: 'Onboarding' };

/**
 * Runs a durable step. The server retries it with an exponential backoff, unless Verifik rejects the request.
 *
 * @template A
 * @param {restate.Context} ctx
 * @param {string} name
 * @param {() => Promise<A>} call
 */
const step = (ctx, name, call) =>
  ctx.run(name, () =>
    call().catch((error) => {
      throw error instanceof Refused ? new restate.TerminalError(error.message, { errorCode: REFUSED }) : error;
    }),
  );

/**
 * The state of an onboarding. One value, so that a handler journals one read and one write.
 *
 * @typedef {object} State
 * @property {{appRegistrationId: string, token: string}} registration
 * @property {string[]} reported
 * @property {string} [outcome]
 */

/** @param {restate.ObjectSharedContext} ctx */
const stateOf = (ctx) => /** @type {Promise<State | null>} */ (ctx.get('state'));

const onboarding = restate.object({
  name: SELF.name,
  handlers: {
    /**
     * @param {restate.ObjectContext} ctx
     * @param {import('../shared/front.js').Start} request
     */
    start: async (ctx, request) => {
      const known = await stateOf(ctx);
      if (known !== null) return known.registration;
      const registration = await step(ctx, 'createAppRegistration', () => verifik.createAppRegistration(request));
      ctx.set('state', { registration, reported: [] });
      ctx.objectSendClient(SELF, ctx.key).expire(restate.rpc.sendOpts({ delay: DEADLINE_MS }));
      return registration;
    },

    /**
     * @param {restate.ObjectContext} ctx
     * @param {{check: string}} report
     */
    report: async (ctx, { check }) => {
      const state = await stateOf(ctx);
      if (state === null || state.outcome !== undefined) return;
      const { appRegistrationId } = state.registration;
      const reported = [...new Set([...state.reported, check])];
      const outcome =
        reported.length < CHECKS.length
          ? 'pending'
          : await step(ctx, 'readAppRegistration', () => verifik.readAppRegistration(appRegistrationId));
      ctx.set('state', { ...state, reported, ...(outcome === 'pending' ? {} : { outcome }) });
    },

    /** @param {restate.ObjectContext} ctx */
    expire: async (ctx) => {
      const state = await stateOf(ctx);
      if (state !== null && state.outcome === undefined) ctx.set('state', { ...state, outcome: 'expired' });
    },

    // A shared handler runs concurrently, so it answers during a Verifik call.
    read: restate.handlers.object.shared(stateOf),
  },
});

const endpoint = createServer(restate.createEndpointHandler({ services: [onboarding] }));
endpoint.listen(Number(setting('RESTATE_SERVICE_PORT')), '127.0.0.1');

serve(port, {
  start: async (request) => {
    try {
      return await ingress.objectClient(onboarding, request.reference).start(request);
    } catch (error) {
      if (error instanceof clients.HttpCallError && error.status === REFUSED) throw new Refused(error.responseText);
      throw error;
    }
  },
  // A one-way call: the server answers when the report is durable, and calls the handler afterwards.
  report: async (id, report) => {
    await ingress.objectSendClient(onboarding, id).report(report);
  },
  read: async (id) => {
    const state = await ingress.objectClient(onboarding, id).read();
    if (state === null) return undefined;
    return state.outcome === undefined ? { status: 'running' } : { status: 'ended', outcome: state.outcome };
  },
  close: async () => {
    endpoint.close();
  },
});
