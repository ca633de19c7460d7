import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, matching, refined } from '../../shared/decoding.js';
import { JsonFileError, openJsonFile } from '../../shared/json-file.js';
import { HttpUrl, Name } from '../../shared/settings.js';

/** Where events are sent, and what signs them. */
export interface CallbackEndpoint {
  readonly url: URL;
  /** Each of them signs: while one takes the place of another, receivers know either. */
  readonly secrets: readonly string[];
  /** Its host is allowed by name: it may lie in a private network, and be spoken to in the clear. */
  readonly isAllowed: boolean;
}

/** The endpoint of a name, or why there is none, in words for operators. */
export type FoundEndpoint = E.Either<string, CallbackEndpoint>;

/** The endpoints that this worker knows. */
export interface CallbackEndpoints {
  readonly find: (name: string) => Promise<FoundEndpoint>;
}

const MAX_SECRETS = 2;

// As the specification of Standard Webhooks has it.
const isSecret = (text: string): boolean => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
};

const Secrets = refined(
  t.array(t.string),
  'one secret, or two while they change: each whsec_ and the base64 of 24 to 64 random bytes',
  (secrets) => secrets.length >= 1 && secrets.length <= MAX_SECRETS && secrets.every(isSecret),
);

const EndpointsFile = closed(
  t.intersection([
    t.type({
      endpoints: t.record(
        Name,
        closed(
          t.type({
            url: HttpUrl,
            secrets: Secrets,
          }),
        ),
      ),
    }),
    t.partial({
      allowedHosts: t.array(matching(/^[\w.-]+$|^\[[\da-f:.]+\]$/i, 'a host, without scheme and port')),
    }),
  ]),
);

type Endpoints = ReadonlyMap<string, CallbackEndpoint>;

const toEndpoints = ({
  endpoints,
  allowedHosts = [],
}: t.TypeOf<typeof EndpointsFile>): E.Either<readonly FieldError[], Endpoints> => {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const known = new Map<string, CallbackEndpoint>();
  const errors: FieldError[] = [];
  for (const [name, { url: text, secrets }] of Object.entries(endpoints)) {
    const url = new URL(text);
    const field = `endpoints.${name}.url`;
    const isAllowed = allowed.has(url.hostname);
    if (url.protocol === 'http:' && !isAllowed)
      errors.push({ field, expected: 'https, unless its host is one of allowedHosts' });
    if (url.username !== '' || url.password !== '') errors.push({ field, expected: 'a URL without user and password' });
    known.set(name, { url, secrets, isAllowed });
  }
  return errors.length === 0 ? E.right(known) : E.left(errors);
};

/**
 * Endpoints that stand in a file, which is looked at each time: they come and go without a restart, and so do their secrets.
 *
 * @throws JsonFileError when the file is wrong at the start.
 */
export const openCallbackEndpoints = async (path: string): Promise<CallbackEndpoints> => {
  const file = await openJsonFile({
    path,
    what: 'file of endpoints (ONBOARDING_CALLBACKS_FILE)',
    decode: (content) => pipe(decodeFields(EndpointsFile)(content), E.chain(toEndpoints)),
  });
  return {
    find: async (name) => {
      try {
        const endpoint = (await file.current()).get(name);
        return endpoint === undefined ? E.left('The file of endpoints has none of this name.') : E.right(endpoint);
      } catch (error) {
        if (error instanceof JsonFileError) return E.left(error.message);
        throw error;
      }
    },
  };
};

/** What a worker knows that was told of no file. */
export const noCallbackEndpoints: CallbackEndpoints = {
  find: async () => E.left('This worker has no file of endpoints (ONBOARDING_CALLBACKS_FILE).'),
};
