import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { closed, decodeFields, type FieldError, matching, recordOf, refined } from '../../shared/decoding.js';
import { JsonFileError, openJsonFile } from '../../shared/json-file.js';
import { HttpUrl, Name } from '../../shared/settings.js';

/** The URL to which events are sent, with the secrets that sign them. */
export interface CallbackEndpoint {
  readonly url: URL;
  /** Events are signed with each secret, so that receivers accept both during a rotation. */
  readonly secrets: readonly string[];
  /** True if the host is in `allowedHosts`: it may be in a private network and use plain HTTP. */
  readonly isAllowed: boolean;
  /** True if `onboarding.ended` is sent with the signed evidence. */
  readonly takesEvidence: boolean;
}

/** The configured endpoints of a worker. */
export interface CallbackEndpoints {
  /** Returns the endpoint of this name, or a message for operators that says why it is not available. */
  readonly find: (name: string) => Promise<E.Either<string, CallbackEndpoint>>;
}

const MAX_SECRETS = 2;

// As specified by Standard Webhooks.
const isSecret = (text: string): boolean => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
};

const Secrets = refined(
  t.array(t.string),
  'one secret, or two during a rotation: each whsec_ followed by the base64 of 24 to 64 random bytes',
  (secrets) => secrets.length >= 1 && secrets.length <= MAX_SECRETS && secrets.every(isSecret),
);

const EndpointsFile = closed(
  t.intersection([
    t.type({
      endpoints: recordOf(
        Name,
        closed(t.intersection([t.type({ url: HttpUrl, secrets: Secrets }), t.partial({ evidence: t.boolean })])),
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
  for (const [name, { url: text, secrets, evidence: takesEvidence = false }] of Object.entries(endpoints)) {
    const url = new URL(text);
    const field = `endpoints.${name}.url`;
    const isAllowed = allowed.has(url.hostname);
    if (url.protocol === 'http:' && !isAllowed)
      errors.push({ field, expected: 'https, unless its host is one of allowedHosts' });
    known.set(name, { url, secrets, isAllowed, takesEvidence });
  }
  return errors.length === 0 ? E.right(known) : E.left(errors);
};

/**
 * Opens the file of endpoints. It is read again when it changes, so that endpoints and secrets change without a
 * restart.
 *
 * @throws JsonFileError if the file is invalid at the start.
 */
export const openCallbackEndpoints = async (path: string): Promise<CallbackEndpoints> => {
  const file = await openJsonFile({
    path,
    env: 'ONBOARDING_CALLBACKS_FILE',
    what: 'file of endpoints',
    decode: (content) => pipe(decodeFields(EndpointsFile)(content), E.chain(toEndpoints)),
  });
  return {
    find: async (name) => {
      try {
        const endpoint = (await file.current()).get(name);
        return endpoint === undefined ? E.left('The file of endpoints does not contain this name.') : E.right(endpoint);
      } catch (error) {
        if (error instanceof JsonFileError) return E.left(error.message);
        throw error;
      }
    },
  };
};

/** The endpoints of a worker without a configured file. */
export const noCallbackEndpoints: CallbackEndpoints = {
  find: async () => E.left('This worker has no file of endpoints (ONBOARDING_CALLBACKS_FILE).'),
};
