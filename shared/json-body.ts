import { errorCodes, type FastifyInstance } from 'fastify';

/** A body is not what it has to be. Bytes that are not UTF-8 would be stored as replacement characters. */
export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError';
  readonly statusCode = 400;
  readonly expected: 'UTF-8' | 'JSON';

  constructor(expected: 'UTF-8' | 'JSON') {
    super();
    this.expected = expected;
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/** JSON is UTF-8 (RFC 8259), of which ASCII is a part. */
const CHARSETS: readonly (string | undefined)[] = [undefined, 'utf-8', 'utf8', 'us-ascii'];

/** Skips a byte order mark. */
const decoder = new TextDecoder('utf-8', { fatal: true });

const decode = (body: Buffer): string => {
  try {
    return decoder.decode(body);
  } catch {
    throw new MalformedBodyError('UTF-8');
  }
};

/**
 * Accepts only bodies of JSON in UTF-8. An empty body is `undefined`: some clients always send the content type. Other
 * bodies, also compressed ones, are errors with the status 415, or 400 if they are not UTF-8 or not JSON.
 */
export const acceptJson = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const { 'content-encoding': encoding = 'identity' } = request.headers;
    const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1];
    if (encoding !== 'identity' || !CHARSETS.includes(charset?.toLowerCase()))
      throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
    const text = decode(body);
    if (text === '') done(null, undefined);
    else parse(request, text, (error, value) => done(error && new MalformedBodyError('JSON'), value));
  });
};
