import { Counter, type Registry } from 'prom-client';
import type { ReportResult } from '../../client/reports.js';
import type { WebhookSuffix } from '../../verifik/webhooks.js';

/** What becomes of webhooks, each with its meaning. Read by code, documents and tests alike. */
export const WEBHOOK_RESULTS = {
  delivered: 'The onboarding has been told.',
  parked: 'There is no onboarding yet, or it has been told enough for the moment: Temporal keeps the report for it.',
  repeated: 'The same was the last to be said of the same thing, and was delivered or parked.',
  over: 'The onboarding has ended.',
  nothing: 'No onboarding has to know of it.',
  unknown: 'It is of a type that is not known.',
  malformed: 'It could not be read, and was refused (400).',
  unavailable: 'Temporal did not answer in time: it is to be sent again (503).',
} as const satisfies Record<ReportResult, string> & Record<string, string>;

export type WebhookResult = keyof typeof WEBHOOK_RESULTS;

/** Counts a webhook by words of our own alone. */
export type CountWebhook = (webhook: {
  readonly event: WebhookSuffix | 'unknown';
  readonly result: WebhookResult;
  /** The name of the secret that it came with. */
  readonly secret: string;
}) => void;

export const webhookCounter = (registry: Registry): CountWebhook => {
  const counter = new Counter({
    name: 'gateway_webhooks_total',
    help: "Verifik's webhooks, by the suffix of their type, what became of them, and the name of the secret",
    labelNames: ['event', 'result', 'secret'],
    registers: [registry],
  });
  return (webhook) => counter.inc(webhook);
};
