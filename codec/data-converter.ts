import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec, type EncryptionCodecOptions } from './encryption-codec.js';

// The SDK loads the module by its path and needs compiled code, even when this file runs from source.
const COMPILED = import.meta.url.endsWith('.ts') ? '../dist/codec/failure-converter.js' : './failure-converter.js';

/** The path of the failure converter's module, which the worker and the workflow bundle share. */
export const FAILURE_CONVERTER = fileURLToPath(new URL(COMPILED, import.meta.url));

/** Creates the data converter of workers, which need the failure converter's path. */
export const encryptingDataConverter = (options: EncryptionCodecOptions): DataConverter => ({
  payloadCodecs: [new EncryptionCodec(options)],
  failureConverterPath: FAILURE_CONVERTER,
});
