import { isIPv4 } from 'node:net';
import * as E from 'fp-ts/lib/Either.js';
import { getProxyForUrl } from 'proxy-from-env';
import { type Read, wrongField } from '../shared/decoding.js';

const isDecodable = (text: string): boolean => E.isRight(E.tryCatch(() => decodeURIComponent(text), E.toError));

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));

/**
 * Returns the proxy of a URL, or `undefined` for none: `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless the host is
 * the machine itself, such as the sandbox, or `NO_PROXY` lists it. Each may also be in lower case. An error has no part
 * of the proxy's URL, which may hold a password.
 */
export const proxyOf = (url: URL): Read<URL | undefined> => {
  const text = isLoopback(url) ? '' : getProxyForUrl(url.href);
  if (text === '') return E.right(undefined);
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol) && isDecodable(`${proxy.username}${proxy.password}`))
    return E.right(proxy);
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return wrongField(`${variable} or ALL_PROXY`, 'the http or https URL of a proxy');
};
