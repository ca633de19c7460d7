import * as t from 'io-ts';
import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { matching, refined } from '../shared/decoding.js';
import { Address, count, FilePath, HttpUrl, LogLevel, listOf, Name, optional, setting } from '../shared/settings.js';

const Origin = refined(t.string, 'an origin', (text) => URL.canParse(text) && new URL(text).origin === text);
const Claim = matching(/^\S{1,200}$/, 'the name of a claim');
const Issuer = matching(/^\S{1,500}$/, 'a text without white space');

const MIB = 1024 * 1024;

/** Everything that the codec server can be told, by environment variable or, under the key's own name, in the configuration file. */
export const SETTINGS = {
  address: setting('CODEC_SERVER_ADDRESS', Address, '127.0.0.1:8081', 'Where it answers.'),
  origins: setting(
    'CODEC_SERVER_ORIGINS',
    listOf(Origin, 'origins such as https://temporal.example.com, with commas between them'),
    ['http://localhost:8233', 'http://127.0.0.1:8233'],
    'Where the Temporal UI is served from: the origins whose pages may call.',
  ),
  namespaces: setting(
    'CODEC_SERVER_NAMESPACES',
    listOf(Name, 'names of namespaces, with commas between them'),
    ['default'],
    'The namespaces whose payloads it decodes. The first one is meant where a call names none.',
  ),
  tokensFile: optional(
    'CODEC_SERVER_TOKENS_FILE',
    FilePath,
    'A file with the digests of the tokens that let callers in. It is looked at on each call.',
  ),
  jwksUrl: optional('CODEC_SERVER_JWKS_URL', HttpUrl, 'Where the issuer of JSON web tokens publishes its keys.'),
  jwtIssuer: optional('CODEC_SERVER_JWT_ISSUER', Issuer, 'The issuer (`iss`) that JSON web tokens have to name.'),
  jwtAudience: optional('CODEC_SERVER_JWT_AUDIENCE', Issuer, 'The audience (`aud`) that JSON web tokens have to name.'),
  jwtRoleClaim: setting(
    'CODEC_SERVER_JWT_ROLE_CLAIM',
    Claim,
    'onboarding_role',
    'The claim of JSON web tokens that holds the role, or a list with it.',
  ),
  bodyLimitBytes: setting(
    'CODEC_SERVER_BODY_LIMIT_BYTES',
    count(1024, 64 * MIB),
    4 * MIB,
    'The largest body that a call may have, in bytes.',
  ),
  metricsAddress: setting(
    'CODEC_SERVER_METRICS_ADDRESS',
    Address,
    '127.0.0.1:9465',
    'Where /metrics answers (Prometheus).',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
  ...ENCRYPTION_SETTINGS,
} as const;
