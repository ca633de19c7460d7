import type { FastifyReply, FastifyRequest } from 'fastify';
import { HOUR_MS, SECOND_MS } from '../../shared/time.js';

/**
 * The cookie holds the token itself, so that no session store is needed and the cookie cannot outlive the token, which
 * is verified on each request.
 */
const NAME = 'codec-server';

/** Browsers accept a cookie with this prefix only from this host and over TLS. */
const SECURE_NAME = `__Host-${NAME}`;

const MAX_AGE_S = (12 * HOUR_MS) / SECOND_MS;

/** The length that fits into a cookie of 4096 bytes with its attributes. */
export const MAX_TOKEN_LENGTH = 3_800;

export const cookieOf = ({ cookies }: FastifyRequest): string | undefined => cookies[SECURE_NAME] ?? cookies[NAME];

const nameFor = (secure: boolean): string => (secure ? SECURE_NAME : NAME);

const attributes = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

export const setCookie = (reply: FastifyReply, token: string, secure: boolean): FastifyReply =>
  reply.setCookie(nameFor(secure), token, { ...attributes, secure, maxAge: MAX_AGE_S });

export const clearCookie = (reply: FastifyReply, secure: boolean): FastifyReply =>
  reply.clearCookie(nameFor(secure), { ...attributes, secure });
