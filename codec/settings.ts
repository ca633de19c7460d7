import { matching, textUpTo } from '../shared/decoding.js';
import { KEY_VARIABLES } from './providers.js';

/** The settings that say where the keys are, for the table of each process that meets payloads. One of the two. */
export const ENCRYPTION_SETTINGS = {
  encryptionKeys: {
    env: KEY_VARIABLES.keys,
    codec: textUpTo(65_536),
    fallback: undefined,
    meaning:
      'The keys that encrypt payloads, as JSON: `{"current": "2026-11", "keys": {"2026-11": "<base64 of 32 bytes>"}}`. A secret.',
  },
  encryptionKeysFile: {
    env: KEY_VARIABLES.file,
    codec: matching(/^.{1,4096}$/, "a file's path"),
    fallback: undefined,
    meaning:
      'A file that holds them instead; it is read again every half minute, and when a payload names a key not yet known.',
  },
} as const;
