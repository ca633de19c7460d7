import type { WrappingKey } from '../keys.js';
import { awsKey } from './aws.js';
import { azureKey } from './azure.js';
import { googleKey } from './google.js';

interface Service {
  /** The form of the URIs, for messages. */
  readonly form: string;
  /** Captures the name by which the service knows the key. */
  readonly uri: RegExp;
  readonly open: (key: string) => WrappingKey;
}

const SERVICES: readonly Service[] = [
  {
    form: 'aws-kms://<ARN of the key>',
    // No alias: it may be moved to another key, which cannot decrypt what the former has encrypted.
    uri: /^aws-kms:\/\/(arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,40}:\d{12}:key\/[A-Za-z0-9-]{1,64})$/,
    open: awsKey,
  },
  {
    form: 'gcp-kms://<resource name of the key>',
    uri: /^gcp-kms:\/\/(projects\/[\w.:-]{1,200}\/locations\/[\w-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63})$/,
    open: (name) => googleKey(name),
  },
  {
    form: 'azure-kms://<host of the vault>/keys/<name>/<version>',
    uri: /^azure-kms:\/\/([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){2,5}\/keys\/[A-Za-z0-9-]{1,127}\/[0-9a-f]{32})$/,
    open: (path) => azureKey(`https://${path}`),
  },
];

/** The forms of the URIs, for messages. */
export const KEY_URI_FORMS = SERVICES.map(({ form }) => form).join(', ');

const open = (uri: string): WrappingKey | undefined => {
  for (const service of SERVICES) {
    const key = service.uri.exec(uri)?.[1];
    if (key !== undefined) return service.open(key);
  }
  return undefined;
};

/** True if the text is the URI of a key in a key management service. */
export const isKeyUri = (text: string): boolean => SERVICES.some(({ uri }) => uri.test(text));

/** Only operators name keys, so there are few. */
const opened = new Map<string, WrappingKey>();

/** Returns the key with this URI, the same object each time, or `undefined` if the text is not a URI of a key. */
export const wrappingKeyAt = (uri: string): WrappingKey | undefined => {
  const key = opened.get(uri) ?? open(uri);
  if (key !== undefined) opened.set(uri, key);
  return key;
};
