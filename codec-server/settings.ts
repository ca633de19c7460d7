import * as t from 'io-ts';
import { ENCRYPTION_SETTINGS } from '../codec/index.js';
import { matching, refined } from '../shared/decoding.js';
import { listenAddress } from '../shared/listening.js';
import { count, FilePath, HttpUrl, LogLevel, listOf, Name, optional, setting } from '../shared/settings.js';

const Origin = refined(t.string, 'an origin', (text) => URL.canParse(text) && new URL(text).origin === text);
const Claim = matching(/^\S{1,200}$/, 'the name of a claim');
const Issuer = matching(/^\S{1,500}$/, 'a text without white space');

const MIB = 1024 * 1024;

/** The settings of the codec server. docs/codec-server.md has the same table. */
export const SETTINGS = {
  address: listenAddress('CODEC_SERVER_ADDRESS', '127.0.0.1:8081', 'The address of the server.'),
  origins: setting(
    'CODEC_SERVER_ORIGINS',
    listOf(Origin, 'origins such as https://temporal.example.com, with commas between them'),
    ['http://localhost:8233', 'http://127.0.0.1:8233'],
    'The origins of the Temporal UI, whose pages may send requests.',
  ),
  namespaces: setting(
    'CODEC_SERVER_NAMESPACES',
    listOf(Name, 'names of namespaces, with commas between them'),
    ['default'],
    'The namespaces whose payloads it decodes. Requests without a namespace use the first.',
  ),
  tokensFile: optional(
    'CODEC_SERVER_TOKENS_FILE',
    FilePath,
    'A file with the digests of the tokens that authenticate callers. It is read again when it changes.',
  ),
  jwksUrl: optional('CODEC_SERVER_JWKS_URL', HttpUrl, "The URL of the issuer's keys for JSON web tokens."),
  jwtIssuer: optional('CODEC_SERVER_JWT_ISSUER', Issuer, 'The required issuer (`iss`) of JSON web tokens.'),
  jwtAudience: optional('CODEC_SERVER_JWT_AUDIENCE', Issuer, 'The required audience (`aud`) of JSON web tokens.'),
  jwtRoleClaim: setting(
    'CODEC_SERVER_JWT_ROLE_CLAIM',
    Claim,
    'onboarding_role',
    'The claim of JSON web tokens that holds the role, or a list with a role.',
  ),
  bodyLimitBytes: setting(
    'CODEC_SERVER_BODY_LIMIT_BYTES',
    count(1024, 64 * MIB),
    4 * MIB,
    'The size limit of a request body, in bytes.',
  ),
  metricsAddress: listenAddress(
    'CODEC_SERVER_METRICS_ADDRESS',
    '127.0.0.1:9465',
    'The address of /metrics (Prometheus).',
  ),
  logLevel: setting('ONBOARDING_LOG_LEVEL', LogLevel, 'info', 'debug, info, warn or error.'),
  ...ENCRYPTION_SETTINGS,
} as const;
