/** The project's gateway, which the playground starts onboardings through, and where to look at them. */
export interface PlaygroundOptions {
  /** Where the gateway answers: `http://127.0.0.1:8082`. */
  readonly gatewayUrl: string;
  /** An API key of the gateway, with the scopes start, read and review. It is added on this side and never reaches the browser. */
  readonly apiKey: string;
  /** What the workflow ids of the key's onboardings begin with, before the onboarding's id: `onboarding-demo:`. */
  readonly workflowIdPrefix?: string;
  /** Where the Temporal UI answers: `http://127.0.0.1:8233`. */
  readonly temporalUiUrl?: string;
  /** The namespace of the workflows. Default `default`. */
  readonly namespace?: string;
  /** Where the codec server answers, for people who want to read payloads in the UI. */
  readonly codecServerUrl?: string;
}

/** Which gateway the playground speaks to: none, until there is one. */
export interface GatewayConnection {
  options: PlaygroundOptions | undefined;
}

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** Passes the options on, or throws with the name of the field that is wrong. */
export const checkedPlayground = (options: PlaygroundOptions): PlaygroundOptions => {
  for (const name of ['gatewayUrl', 'temporalUiUrl', 'codecServerUrl'] as const) {
    const url = options[name];
    if (url !== undefined && !isHttpUrl(url)) throw new Error(`playground.${name}: expected an http or https URL`);
  }
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) throw new Error('playground.apiKey: expected a key without spaces');
  return options;
};
