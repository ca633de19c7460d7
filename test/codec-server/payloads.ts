import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import * as t from 'io-ts';

/** The payload of a value, as the SDK sends it. */
export const plain = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

const Wire = t.type({
  payloads: t.array(t.partial({ metadata: t.record(t.string, t.string), data: t.string })),
});

/**
 * Reads the payloads of a response as the Temporal UI does: the value of a JSON payload, and the encoding of any other.
 */
export const readAnswer = (text: string): readonly unknown[] => {
  const answer: unknown = JSON.parse(text);
  if (!Wire.is(answer)) throw new Error(`no payloads: ${text}`);
  return answer.payloads.map(({ metadata, data = '' }) => {
    const encoding = Buffer.from(metadata?.['encoding'] ?? '', 'base64').toString();
    return encoding.startsWith('json/') ? JSON.parse(Buffer.from(data, 'base64').toString()) : encoding;
  });
};
