import type { FastifyRequest } from 'fastify';

/** The bearer token that a request came with (RFC 6750), whosever it is. */
export const bearerOf = ({ headers: { authorization } }: FastifyRequest): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
