import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Policy } from './policy.js';

/**
 * Returns the SHA-256 of a policy in canonical JSON (RFC 8785), in hexadecimal. Workflows compute it, too, and have no
 * `node:crypto`.
 */
export const policyHashOf = (policy: Policy): string => bytesToHex(sha256(utf8ToBytes(canonicalize(policy) ?? '')));
