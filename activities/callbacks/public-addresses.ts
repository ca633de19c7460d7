import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';

// IPv4-compatible addresses (RFC 4291, section 2.5.5.1), which the agent regards as public. Its own list of denied
// networks does not serve: it prints a stack trace for each address of the other family.
const ipv4Compatible = new BlockList();
ipv4Compatible.addSubnet('::', 96, 'ipv6');

const isIpv4Compatible = (address: string): boolean => isIPv6(address) && ipv4Compatible.check(address, 'ipv6');

/** True for a URL's host that is an address of this kind, which is not looked up. */
export const isDeniedAddress = (hostname: string): boolean => isIpv4Compatible(hostname.replace(/^\[|\]$/g, ''));

/** Looks up a host like `dns.lookup`, and fails in the agent's words if it has an address that is not public. */
export const lookupPublic: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, options, (error, address: string | LookupAddress[], family) => {
    const addresses = typeof address === 'string' ? [{ address }] : (address ?? []);
    const denied = error === null && addresses.some((found) => isIpv4Compatible(found.address));
    callback(denied ? new Error('The address is not allowed. Because it is IPv4-compatible.') : error, address, family);
  });

/**
 * Connects to public addresses only. It checks the address on connecting, because a name may resolve to another one
 * each time.
 */
export const publicAgent = new RequestFilteringHttpsAgent({ lookup: lookupPublic });
