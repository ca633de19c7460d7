import type { FastifyInstance } from 'fastify';
import { asClient } from '../auth.js';
import { several, wholeNumber } from '../input.js';
import { Refusal } from '../refusals.js';
import { LIFETIMES_MS } from '../tokens.js';
import type { World } from '../world.js';

const MAX_MONTHS = 120;

/** `GET /auth/session`: renews the client's token. */
export const addSession = (app: FastifyInstance, world: World): void => {
  app.get('/auth/session', async (request) => {
    await asClient(world, request);
    if (several(request.query, 'origin')[0] !== 'refresh')
      throw new Refusal('MissingParameter', { detail: 'origin: expected refresh' });
    const months = wholeNumber(request.query, 'expiresIn', 1, MAX_MONTHS);
    world.ledger.count('sessionsRefreshed');
    const session = {
      accessToken: await world.tokens.mint({ kind: 'client' }, LIFETIMES_MS.client * months),
      tokenType: 'bearer',
    };
    return world.settings.sessionAnswer === 'top' ? session : { data: session };
  });
};
