import { type Client, type ListOptions, WorkflowClient } from '@temporalio/client';
import { defaultPayloadConverter, type LoadedDataConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { undecodableIn } from './errors.js';

const absent = (): Payload => defaultPayloadConverter.toPayload(undefined);

const NO_MEMOS: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map(absent),
};

const whereDecodable = (codec: PayloadCodec): PayloadCodec => ({
  encode: (payloads, context) => codec.encode(payloads, context),
  decode: async (payloads, context) => {
    try {
      return await codec.decode(payloads, context);
    } catch (error) {
      const undecodable = undecodableIn(error);
      if (undecodable === undefined || undecodable.why === 'keyService') throw error;
      return payloads.map(absent);
    }
  },
});

/** Decodes no memo: a list that does not show memos must not need their keys. */
export const withoutMemos = (converter: LoadedDataConverter): LoadedDataConverter => ({
  ...converter,
  payloadCodecs: [NO_MEMOS],
});

const listWith = ({ connection, options: { namespace } }: Client, dataConverter: LoadedDataConverter) =>
  new WorkflowClient({ connection, namespace, dataConverter });

/** Lists workflows as the SDK does, without their memos. */
export const listWorkflows = (temporal: Client, options: ListOptions) =>
  listWith(temporal, withoutMemos(temporal.options.loadedDataConverter)).list(options);

/**
 * Lists workflows with the fields of their memos that this process can decrypt. The SDK's own list fails at the first
 * field whose key is missing.
 */
export const listWithMemos = (temporal: Client, options: ListOptions) => {
  const { loadedDataConverter } = temporal.options;
  const payloadCodecs = loadedDataConverter.payloadCodecs.map(whereDecodable);
  return listWith(temporal, { ...loadedDataConverter, payloadCodecs }).list(options);
};
