import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { configuredKeys, type KeyProvider } from '../codec/index.js';
import { type Environment, readSettings, readTogether } from '../shared/config.js';
import { type Read, wrongField as wrong } from '../shared/decoding.js';
import { isLoopback } from '../shared/http.js';
import type { SettingValues } from '../shared/settings.js';
import type { JsonWebTokenOptions } from './auth/json-web-tokens.js';
import { SETTINGS } from './settings.js';

type Values = SettingValues<typeof SETTINGS>;

export interface CodecServerConfig extends Values {
  readonly keys: KeyProvider;
  readonly jsonWebTokens: JsonWebTokenOptions | undefined;
}

const readJsonWebTokens = (values: Values): Read<JsonWebTokenOptions | undefined> => {
  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience, jwtRoleClaim: roleClaim } = values;
  if (jwksUrl === undefined) {
    const idle = [issuer && SETTINGS.jwtIssuer.env, audience && SETTINGS.jwtAudience.env].filter(Boolean);
    if (idle.length > 0)
      return wrong(SETTINGS.jwksUrl.env, `the URL of the issuer's keys, because ${idle.join(' and ')} is set`);
    if (values.tokensFile !== undefined) return E.right(undefined);
    return wrong(
      `${SETTINGS.tokensFile.env} or ${SETTINGS.jwksUrl.env}`,
      'a tokens file or the URL of an issuer: without one, every request would be rejected',
    );
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

const resolve = (values: Values, production: boolean): Read<CodecServerConfig> =>
  pipe(
    readTogether({
      jsonWebTokens: readJsonWebTokens(values),
      keys: configuredKeys(values, production),
    }),
    E.map((resolved) => ({ ...values, ...resolved })),
  );

/** Reads the configuration. Errors never repeat values, which may be secrets. */
export const readConfig = (env: Environment): Read<CodecServerConfig> =>
  pipe(
    readSettings(SETTINGS, 'CODEC_SERVER_CONFIG', env),
    E.chain((values) => resolve(values, env['NODE_ENV'] === 'production')),
  );
