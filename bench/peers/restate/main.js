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

const onboarding = restate.object({
  name: SELF.name,
  handlers: {
    /**
     * @param {restate.ObjectContext} ctx
     * @param {import('../shared/front.js').Start} request
     */
    start: async (ctx, request) => {
      const known = await ctx.get('registration');
      if (known !== null) return known;
      const registration = await step(ctx, 'createAppRegistration', () => verifik.createAppRegistration(request));
      ctx.set('registration', registration);
      ctx.objectSendClient(SELF, ctx.key).expire(restate.rpc.sendOpts({ delay: DEADLINE_MS }));
      return registration;
    },

    /**
     * @param {restate.ObjectContext} ctx
     * @param {{check: string}} report
     */
    report: async (ctx, { check }) => {
      const registration = await ctx.get('registration');
      if (registration === null || (await ctx.get('outcome')) !== null) return;
      const heard = [...new Set([...((await ctx.get('heard')) ?? []), check])];
      ctx.set('heard', heard);
      if (heard.length < CHECKS.length) return;
      const standing = await step(ctx, 'readAppRegistration', () =>
        verifik.readAppRegistration(registration.appRegistrationId),
      );
      if (standing !== 'pending') ctx.set('outcome', standing);
    },

    /** @param {restate.ObjectContext} ctx */
    expire: async (ctx) => {
      if ((await ctx.get('outcome')) === null) ctx.set('outcome', 'expired');
    },

    read: restate.handlers.object.shared(
      /** @param {restate.ObjectSharedContext} ctx */
      async (ctx) => ({ known: (await ctx.get('registration')) !== null, outcome: await ctx.get('outcome') }),
    ),
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
    const { known, outcome } = await ingress.objectClient(onboarding, id).read();
    if (!known) return undefined;
    return outcome === null ? { status: 'running' } : { status: 'ended', outcome };
  },
  close: async () => {
    endpoint.close();
  },
});
