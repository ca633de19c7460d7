import { once } from 'node:events';
import { createServer } from 'node:net';
import * as t from 'io-ts';
import type { Logger } from 'pino';
import { MisconfiguredError } from './config.js';
import { refined } from './decoding.js';
import { listenOptions } from './http.js';
import type { Setting } from './settings.js';

const isAddress = (text: string): boolean => /^[\w.:[\]-]{1,300}:\d{1,5}$/.test(text) && URL.canParse(`http://${text}`);

const AddressText = refined(t.string, 'an address such as 127.0.0.1:9464', isAddress);

/** An address to listen at, and the setting that it comes from. */
export class ListenAddress {
  readonly text: string;
  readonly env: string;
  /** True if the setting is not given. */
  readonly isDefault: boolean;

  constructor(text: string, env: string, isDefault: boolean) {
    this.text = text;
    this.env = env;
    this.isDefault = isDefault;
  }

  toString(): string {
    return this.text;
  }
}

/** Creates the setting of an address to listen at. */
export const listenAddress = (env: string, fallback: string, meaning: string): Setting<ListenAddress> => ({
  env,
  codec: AddressText.pipe(
    new t.Type<ListenAddress, string, string>(
      AddressText.name,
      (u): u is ListenAddress => u instanceof ListenAddress,
      (text) => t.success(new ListenAddress(text, env, false)),
      String,
    ),
  ),
  fallback: new ListenAddress(fallback, env, true),
  meaning,
});

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const IN_USE = 'EADDRINUSE';

/** The errors of an address that cannot be listened at, such as one of another machine. */
const UNUSABLE: readonly unknown[] = [IN_USE, 'EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN'];

type Listen<A> = (address: string) => Promise<A>;

/** Listens at an address. @throws MisconfiguredError that names the setting if that is not possible. */
export const listenAt = async <A>({ text, env }: ListenAddress, listen: Listen<A>): Promise<A> => {
  try {
    return await listen(text);
  } catch (error) {
    const code = codeOf(error);
    if (!UNUSABLE.includes(code)) throw error;
    const why = code === IN_USE ? `${text} is in use` : `listening at ${text} fails with ${code}`;
    throw new MisconfiguredError(`${env}: expected a free address of this machine; ${why}`, { cause: error });
  }
};

/**
 * Listens at the address of an endpoint for operators. If it is the default one and in use, as by another process of
 * this kind, listens at another port of the same host, and logs it.
 */
export const listenAtOrNear = async <A>(address: ListenAddress, listen: Listen<A>, logger: Logger): Promise<A> => {
  try {
    return await listenAt(address, listen);
  } catch (error) {
    if (!address.isDefault || !(error instanceof MisconfiguredError) || codeOf(error.cause) !== IN_USE) throw error;
    logger.warn({ setting: address.env, address: address.text }, 'the default port is in use, another one is chosen');
    return listen(`${listenOptions(address.text).host}:0`);
  }
};

/** Returns a numeric address at which a server can listen: the given one, with a port if that is 0. */
export const probeAddress = async (address: string): Promise<string> => {
  const server = createServer();
  await once(server.listen(listenOptions(address)), 'listening');
  const bound = server.address();
  await once(server.close(), 'close');
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no address');
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
};
