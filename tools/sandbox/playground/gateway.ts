import { isHttpUrl } from '../decoding.js';
/** The gateway of the playground, and links to other user interfaces. */
export interface PlaygroundOptions {
  readonly gatewayUrl: string;
  /** An API key with the scopes start, read and review. The sandbox adds it to requests; the browser never sees it. */
  readonly apiKey: string;
  /** The prefix of the workflow ids of the key's tenant, such as `onboarding-demo:`. */
  readonly workflowIdPrefix?: string;
  readonly temporalUiUrl?: string;
  readonly namespace?: string;
  /** The URL of the codec server, for a link to its sign-in page. */
  readonly codecServerUrl?: string;
}

export interface GatewayConnection {
  options: PlaygroundOptions | undefined;
}

/** Validates the options. Throws an error that names the wrong field. */
export const checkedPlayground = (options: PlaygroundOptions): PlaygroundOptions => {
  for (const name of ['gatewayUrl', 'temporalUiUrl', 'codecServerUrl'] as const) {
    const url = options[name];
    if (url !== undefined && !isHttpUrl(url)) throw new Error(`playground.${name}: expected an http or https URL`);
  }
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) throw new Error('playground.apiKey: expected a key without spaces');
  return options;
};
