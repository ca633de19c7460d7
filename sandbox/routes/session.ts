import type { FastifyInstance } from 'fastify';
import { asClient } from '../auth.js';
import { several } from '../input.js';
import { Refusal } from '../refusals.js';
import { LIFETIMES_MS } from '../tokens.js';
import type { World } from '../world.js';

/** `GET /auth/session`: renews the client's token. */
export const addSession = (app: FastifyInstance, world: World): void => {
  app.get('/v2/auth/session', async (request) => {
    await asClient(world, request);
    if (several(request.query, 'origin')[0] !== 'refresh') throw new Refusal('MissingParameter');
    const months = Number(several(request.query, 'expiresIn')[0] ?? 1);
    if (!Number.isInteger(months) || months < 1) throw new Refusal('MissingParameter');
    world.ledger.count('sessionsRefreshed');
    const session = {
      accessToken: await world.tokens.mint({ kind: 'client' }, LIFETIMES_MS.client * months),
      tokenType: 'bearer',
    };
    return world.settings.sessionAnswer === 'top' ? session : { data: session };
  });
};
