import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, type Read, readSettings } from '../shared/config.js';
import type { FieldError } from '../shared/decoding.js';
import { isLoopback } from '../shared/http.js';
import type { SettingValues } from '../shared/settings.js';
import type { JsonWebTokenOptions } from './auth/json-web-tokens.js';
import { SETTINGS } from './settings.js';

/** The environment variable with the path of the JSON configuration file. */
const CONFIG_FILE_VARIABLE = 'CODEC_SERVER_CONFIG';

type Values = SettingValues<typeof SETTINGS>;

export interface CodecServerConfig
  extends Pick<
    Values,
    'address' | 'origins' | 'namespaces' | 'bodyLimitBytes' | 'metricsAddress' | 'logLevel' | 'tokensFile'
  > {
  readonly keys: KeyProvider;
  readonly jsonWebTokens?: JsonWebTokenOptions;
}

const wrong = (field: string, expected: string): E.Either<readonly FieldError[], never> =>
  E.left([{ field, expected }]);

const readJsonWebTokens = (values: Values): Read<JsonWebTokenOptions | undefined> => {
  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience, jwtRoleClaim: roleClaim } = values;
  if (jwksUrl === undefined) {
    const idle = [issuer && SETTINGS.jwtIssuer.env, audience && SETTINGS.jwtAudience.env].filter(Boolean);
    if (idle.length === 0) return E.right(undefined);
    return wrong(SETTINGS.jwksUrl.env, `the URL of the issuer's keys, because ${idle.join(' and ')} is set`);
  }
  const { protocol, hostname } = new URL(jwksUrl);
  if (protocol !== 'https:' && !isLoopback(hostname))
    return wrong(SETTINGS.jwksUrl.env, 'an https URL: without TLS, an attacker in the network could replace the keys');
  if (issuer === undefined)
    return wrong(SETTINGS.jwtIssuer.env, `the issuer of the tokens, because ${SETTINGS.jwksUrl.env} is set`);
  if (audience === undefined)
    return wrong(SETTINGS.jwtAudience.env, `the audience of the tokens, because ${SETTINGS.jwksUrl.env} is set`);
  return E.right({ jwksUrl, issuer, audience, roleClaim });
};

const toConfig = (values: Values, production: boolean): Read<CodecServerConfig> => {
  const { address, origins, namespaces, bodyLimitBytes, metricsAddress, logLevel, tokensFile } = values;
  return pipe(
    readJsonWebTokens(values),
    E.chain((jsonWebTokens) =>
      jsonWebTokens === undefined && tokensFile === undefined
        ? wrong(
            `${SETTINGS.tokensFile.env} or ${SETTINGS.jwksUrl.env}`,
            'a tokens file or the URL of an issuer: without one, every request would be rejected',
          )
        : E.right(jsonWebTokens),
    ),
    E.chain((jsonWebTokens) =>
      E.map((keys: KeyProvider) => ({
        ...{ address, origins, namespaces, bodyLimitBytes, metricsAddress, logLevel, tokensFile, keys },
        ...(jsonWebTokens === undefined ? {} : { jsonWebTokens }),
      }))(configuredKeys({ keys: values.encryptionKeys, file: values.encryptionKeysFile, production })),
    ),
  );
};

/** Reads the configuration. Errors never repeat values, which may be secrets. */
export const readConfig = (env: Environment): Read<CodecServerConfig> =>
  pipe(
    readSettings(SETTINGS, CONFIG_FILE_VARIABLE, env),
    E.chain((values) => toConfig(values, env['NODE_ENV'] === 'production')),
  );
