import type { FastifyReply, FastifyRequest } from 'fastify';
import { HOUR_MS, SECOND_MS } from '../../shared/time.js';

/**
 * Holds the token itself, which only the browser's cookie store and this server see. It needs no store of sessions, and cannot
 * outlive its token: the token is checked on each request, so that one that was revoked or has expired lets nobody in from then on.
 */
const NAME = 'codec-server';

/** Browsers take a cookie of this name from this host alone, and over TLS alone. */
const SECURE_NAME = `__Host-${NAME}`;

const MAX_AGE_S = (12 * HOUR_MS) / SECOND_MS;

/** What fits into a cookie of 4096 bytes beside its attributes. */
export const LONGEST_TOKEN = 3_800;

export const cookieOf = ({ cookies }: FastifyRequest): string | undefined => cookies[SECURE_NAME] ?? cookies[NAME];

interface CookieOptions {
  /** Browsers may send it over TLS alone. */
  readonly secure: boolean;
}

const attributes = ({ secure }: CookieOptions) => ({ path: '/', httpOnly: true, sameSite: 'strict', secure }) as const;

const nameFor = ({ secure }: CookieOptions): string => (secure ? SECURE_NAME : NAME);

export const setCookie = (reply: FastifyReply, token: string, options: CookieOptions): FastifyReply =>
  reply.setCookie(nameFor(options), token, { ...attributes(options), maxAge: MAX_AGE_S });

export const clearCookie = (reply: FastifyReply, options: CookieOptions): FastifyReply =>
  reply.clearCookie(nameFor(options), attributes(options));
