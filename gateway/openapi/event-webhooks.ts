import * as t from 'io-ts';
import { documented } from '../../shared/decoding.js';
import { type JsonSchema, type JsonSchemas, jsonSchemaOf } from '../../shared/json-schema.js';
import { EVENT_CODECS } from '../schemas/event.js';

/** The headers of the Standard Webhooks scheme. */
const Headers = t.type({
  'webhook-id': documented(t.string, { description: 'Identifies the event: store the ids that you have processed.' }),
  'webhook-timestamp': documented(t.string, { description: 'The time of the request, in s since the Unix epoch.' }),
  'webhook-signature': documented(t.string, {
    description: 'The signatures of the raw body, one for each secret of the endpoint: verify one before you parse it.',
  }),
});

const parameters = Object.entries(Headers.props).map(([name, codec]) => {
  const { description, ...schema } = jsonSchemaOf(codec);
  return { name, in: 'header', required: true, description, schema };
});

const responses = {
  '2XX': { description: 'The event is delivered. The body is ignored.' },
  410: { description: 'The event is abandoned, and the next one is sent.' },
  default: { description: 'The event is sent again later.' },
};

/** Describes the callbacks, which the workers send, and adds the schemas of the events to `components`. */
export const eventWebhooks = (components: Record<string, JsonSchema>): JsonSchemas =>
  Object.fromEntries(
    EVENT_CODECS.map(({ type, name, codec }) => [
      type,
      {
        post: {
          operationId: `receive${name}`,
          summary: `Receive \`${type}\``,
          tags: ['callbacks'],
          security: [],
          parameters,
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchemaOf(codec, components) } },
          },
          responses,
        },
      },
    ]),
  );
