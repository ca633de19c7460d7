/** The onboarding as a Restate virtual object: its state and its journal are in the Restate server, which calls the handlers. */
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
 * The virtual object, as its own handlers name it.
 *
 * @type {restate.VirtualObjectDefinition<'Onboarding', {expire: (ctx: restate.ObjectContext) => Promise<void>}>}
 */
const SELF = { name: 'Onboarding' };

/**
 * A durable step. The server retries it with an exponential back-off, but for what the vendor refuses.
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
 * All that an onboarding is: one state, so that a handler journals one read and one write of it.
 *
 * @typedef {object} State
 * @property {{appRegistrationId: string, token: string}} registration
 * @property {string[]} heard
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
      ctx.set('state', { registration, heard: [] });
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
      const heard = [...new Set([...state.heard, check])];
      const standing =
        heard.length < CHECKS.length
          ? 'pending'
          : await step(ctx, 'readAppRegistration', () => verifik.readAppRegistration(appRegistrationId));
      ctx.set('state', { ...state, heard, ...(standing === 'pending' ? {} : { outcome: standing }) });
    },

    /** @param {restate.ObjectContext} ctx */
    expire: async (ctx) => {
      const state = await stateOf(ctx);
      if (state !== null && state.outcome === undefined) ctx.set('state', { ...state, outcome: 'expired' });
    },

    // A shared handler waits for no other: it answers also while the vendor is being asked.
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
  // One way: the server has the report durably once it answers, and calls the handler afterwards.
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
