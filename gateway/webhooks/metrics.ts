import { Counter, type Registry } from 'prom-client';
import type { ReportResult } from '../../client/reports.js';
import type { WebhookSuffix } from '../../verifik/webhooks.js';

/** The results of webhooks. docs/webhooks.md has the same table. */
export const WEBHOOK_RESULTS = {
  delivered: 'The onboarding has received the report.',
  pending:
    'The onboarding does not exist yet, or has received the maximum number of signals for the moment: Temporal keeps the report.',
  repeated: 'The report equals the last one about the same validation or registration, which was delivered or kept.',
  ended: 'The onboarding has ended.',
  nothing: 'The event does not concern an onboarding.',
  unknown: 'The type of the event is unknown.',
  malformed: 'The webhook is malformed and was rejected (400).',
  unavailable: 'Temporal did not answer in time: Verifik sends the webhook again (503).',
} as const satisfies Record<ReportResult, string> & Record<string, string>;

export type WebhookResult = keyof typeof WEBHOOK_RESULTS;

/** Counts a webhook. Labels hold nothing of its content. */
export type CountWebhook = (webhook: {
  readonly event: WebhookSuffix | 'unknown';
  readonly result: WebhookResult;
  readonly secret: string;
}) => void;

export const webhookCounter = (registry: Registry): CountWebhook => {
  const counter = new Counter({
    name: 'gateway_webhooks_total',
    help: "Verifik's webhooks, by the suffix of their type, the result and the name of the secret",
    labelNames: ['event', 'result', 'secret'],
    registers: [registry],
  });
  return (webhook) => counter.inc(webhook);
};
