import { KeyProviderError, providerFailure, type WrappingKey } from '../keys.js';

/**
 * Imports the SDK of a service, an optional peer dependency. A bundler sees no fixed name, and does not look for the
 * package.
 */
export const importSdk = <M>(name: string): Promise<M> => import(name);

type Call<C> = (client: C, bytes: Uint8Array) => Promise<Uint8Array | string | null | undefined>;

interface SdkKeyOptions<C> {
  /** The name of the service, in messages. */
  readonly service: string;
  /** Imports the SDK, an optional peer dependency, and creates a client. Called at each use until it succeeds. */
  readonly open: () => Promise<C>;
  /** The packages of the SDK. */
  readonly packages: string;
  readonly wrap: Call<C>;
  readonly unwrap: Call<C>;
}

/** Says what to do about a kind of error that does not say it. */
const explain = (kind: string, packages: string): string => {
  if (kind === 'ERR_MODULE_NOT_FOUND') return `install ${packages}`;
  return kind === 'Error' ? 'an error without a code: check that its SDK finds credentials' : kind;
};

/** Creates a wrapping key whose service is called by its SDK. All errors are KeyProviderErrors. */
export const sdkKey = <C>({ service, open, packages, wrap, unwrap }: SdkKeyOptions<C>): WrappingKey => {
  let client: Promise<C> | undefined;
  const calling = (what: string, call: Call<C>) => async (bytes: Uint8Array) => {
    try {
      client ??= open().catch((error: unknown) => {
        client = undefined;
        throw error;
      });
      const answer = await call(await client, bytes);
      if (answer instanceof Uint8Array) return answer;
    } catch (error) {
      throw providerFailure(error, (kind) => `${service} did not ${what} a data key: ${explain(kind, packages)}`);
    }
    throw new KeyProviderError(`${service} did not ${what} a data key: its response has none`);
  };
  return { wrap: calling('wrap', wrap), unwrap: calling('unwrap', unwrap) };
};
