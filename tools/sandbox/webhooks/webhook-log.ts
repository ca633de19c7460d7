export interface Webhook {
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** A webhook with the result of its newest delivery. Lost webhooks have none. */
export interface WebhookEvent {
  readonly _id: string;
  readonly appRegistration: string;
  readonly webhook: Webhook;
  /** ms since the Unix epoch. */
  readonly at: number;
  response?: { readonly status: 'success' | 'fail'; readonly statusCode?: number };
}

const MAX_EVENTS = 10_000;

/** Verifik's log of webhooks. It keeps the newest 10,000. */
export class WebhookLog {
  readonly #events = new Map<string, WebhookEvent>();
  #count = 0;

  add(webhook: Webhook, appRegistration: string): WebhookEvent {
    this.#count += 1;
    const _id = this.#count.toString(16).padStart(24, '0');
    const event: WebhookEvent = { _id, appRegistration, webhook, at: Date.now() };
    this.#events.set(_id, event);
    const [oldest] = this.#events.keys();
    if (this.#events.size > MAX_EVENTS && oldest !== undefined) this.#events.delete(oldest);
    return event;
  }

  find(id: string): WebhookEvent | undefined {
    return this.#events.get(id);
  }

  /** Returns all events, oldest first. */
  all(): readonly WebhookEvent[] {
    return [...this.#events.values()];
  }
}
