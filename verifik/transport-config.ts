import { BaseUrl } from '../shared/settings.js';

export interface TransportConfig {
  readonly baseUrl: string;
  /** Limits the time to connect. Default: 5 s. */
  readonly connectTimeoutMs?: number;
  /** Limits the whole call, including the response body. Default: 30 s. */
  readonly totalTimeoutMs?: number;
  /**
   * A larger response body fails with `UnexpectedVendorResponse`. Default: 8 MiB, because populated documents can be
   * large.
   */
  readonly maxResponseBytes?: number;
  /** Default: `verifik-onboarding`. */
  readonly userAgent?: string;
  /** ms since the Unix epoch. Default: the system clock. */
  readonly now?: () => number;
}

/** The maximum delay of Node's timers. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const HEADER_TEXT = /^[\x20-\x7e]{1,256}$/;

const checkUrl = (baseUrl: string): string => {
  if (!BaseUrl.is(baseUrl)) throw new TypeError(`baseUrl: expected ${BaseUrl.name}`);
  return new URL(baseUrl).href.replace(/\/+$/, '');
};

const checkWhole = (field: string, value: number, most: number): number => {
  if (!Number.isSafeInteger(value) || value < 1 || value > most)
    throw new TypeError(`${field}: expected a whole number from 1 to ${most}`);
  return value;
};

/**
 * Fills in the defaults.
 *
 * @throws TypeError naming the invalid field and the expected value.
 */
export const checkTransportConfig = (config: TransportConfig): Required<TransportConfig> => {
  const { userAgent = 'verifik-onboarding', now = Date.now } = config;
  if (!HEADER_TEXT.test(userAgent)) throw new TypeError('userAgent: expected 1 to 256 printable ASCII characters');
  return {
    baseUrl: checkUrl(config.baseUrl),
    connectTimeoutMs: checkWhole('connectTimeoutMs', config.connectTimeoutMs ?? 5_000, MAX_TIMEOUT_MS),
    totalTimeoutMs: checkWhole('totalTimeoutMs', config.totalTimeoutMs ?? 30_000, MAX_TIMEOUT_MS),
    maxResponseBytes: checkWhole(
      'maxResponseBytes',
      config.maxResponseBytes ?? 8 * 1024 * 1024,
      Number.MAX_SAFE_INTEGER,
    ),
    userAgent,
    now,
  };
};
