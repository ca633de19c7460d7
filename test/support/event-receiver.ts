import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CallbackReceiver,
  type CallbackResponse,
  startCallbackReceiver,
  writeEndpoint,
} from '../../tools/processes/callback-receiver.js';

/** The callback endpoint of a service, whose responses can be scripted. */
export interface EventReceiver extends CallbackReceiver {
  /** The number of requests with an invalid signature or body. */
  readonly forged: () => number;
  /** Sets the next responses to callbacks, in order; after them, 204 again. `hang` never responds. */
  answer(...next: readonly (CallbackResponse | 'hang')[]): void;
}

export const startEventReceiver = async (): Promise<EventReceiver> => {
  const next: (CallbackResponse | 'hang')[] = [];
  let forged = 0;
  const receiver = await startCallbackReceiver({
    respond: () => next.shift(),
    onRefused: () => {
      forged += 1;
    },
  });
  return { ...receiver, forged: () => forged, answer: (...answers) => void next.push(...answers) };
};

/** Creates a callbacks file with the receiver as the endpoint `service`. */
export const newEndpointsFile = (receiver: Pick<CallbackReceiver, 'url' | 'secret'>): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'onboarding-callbacks-')), 'callbacks.json');
  writeEndpoint(file, receiver);
  return file;
};
