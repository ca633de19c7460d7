import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec, type EncryptionCodecOptions } from './encryption-codec.js';

// The SDK requires it by path: that needs compiled code, also where this file itself runs as its source.
const COMPILED = import.meta.url.endsWith('.ts') ? '../dist/codec/failure-converter.js' : './failure-converter.js';

/** The module that converts failures: the client, the worker and the workflow bundle have to use the same. */
export const FAILURE_CONVERTER = fileURLToPath(new URL(COMPILED, import.meta.url));

/** Encrypts everything that goes to Temporal as a payload or a failure. */
export const encryptingDataConverter = (options: EncryptionCodecOptions): DataConverter => ({
  payloadCodecs: [new EncryptionCodec(options)],
  failureConverterPath: FAILURE_CONVERTER,
});
