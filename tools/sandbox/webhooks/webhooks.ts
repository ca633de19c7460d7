import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Settings } from '../settings.js';
import { type Webhook, type WebhookEvent, WebhookLog } from './webhook-log.js';

type Delivery = Pick<WebhookEvent, 'webhook' | 'response'>;

const TRIES = 3;
const TIMEOUT_MS = 5_000;

/** Limits the wait that a receiver asks for with `Retry-After`. */
const MAX_RETRY_AFTER_MS = 5_000;

/** Creates a webhook about the same object that claims success falsely. */
const forge = ({ object }: Webhook): Webhook => ({
  type: 'onboarding_app_registration_completed',
  object: { ...object, status: 'COMPLETED' },
});

/** Sends webhooks as Verifik does: without delivery ids or order, and, if configured, late, repeated or not at all. */
export class Webhooks {
  readonly #settings: () => Settings;
  readonly #random: Random;
  readonly log = new WebhookLog();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  #queued: WebhookEvent[] = [];

  constructor(settings: () => Settings, random: Random) {
    this.#settings = settings;
    this.#random = random;
    // Each webhook in flight adds a listener.
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Sends a webhook about the registration with the id `appRegistration`. */
  send(suffix: string, object: Webhook['object'], appRegistration: string): void {
    const { webhookUrl, webhookLossRate, webhookCopies, webhookForgeryRate, webhookShuffle } = this.#settings();
    if (webhookUrl === null) return;
    const webhook: Webhook = { type: `onboarding_${suffix}`, object };
    const event = this.log.add(webhook, appRegistration);
    if (this.#random.next() < webhookForgeryRate) this.#deliverLater(webhookUrl, { webhook: forge(webhook) });
    if (this.#random.next() < webhookLossRate) return;
    for (let copy = this.#copies(webhookCopies); copy > 0; copy -= 1) this.#queued.push(event);
    if (this.#queued.length >= webhookShuffle) this.flush();
  }

  /** Sends the webhooks that wait to be shuffled. */
  flush(): void {
    const { webhookUrl, webhookShuffle } = this.#settings();
    const queued = this.#queued;
    this.#queued = [];
    while (webhookUrl !== null && queued.length > 0) {
      const [event] = queued.splice(webhookShuffle > 1 ? this.#random.below(queued.length) : 0, 1);
      if (event !== undefined) this.#deliverLater(webhookUrl, event);
    }
  }

  resend(event: WebhookEvent): void {
    const { webhookUrl } = this.#settings();
    if (webhookUrl !== null) this.#deliverLater(webhookUrl, event);
  }

  close(): void {
    this.#stopped.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #copies(copies: Settings['webhookCopies']): number {
    if (typeof copies === 'number') return copies;
    const [min, max] = copies;
    return min + this.#random.below(max - min + 1);
  }

  #deliverLater(url: string, event: Delivery): void {
    if (this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#deliver(url, event, TRIES);
    }, this.#settings().webhookDelayMs);
    this.#timers.add(timer);
  }

  async #deliver(url: string, event: Delivery, triesLeft: number): Promise<void> {
    let waitMs = 0;
    try {
      const { ok, status, body, headers } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event.webhook),
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await body?.cancel();
      event.response = { status: ok ? 'success' : 'fail', statusCode: status };
      if (ok) return;
      waitMs = Math.min(Number(headers.get('retry-after') ?? 0) * 1_000, MAX_RETRY_AFTER_MS);
    } catch {
      if (this.#stopped.signal.aborted) return;
      event.response = { status: 'fail' };
    }
    if (triesLeft <= 1) return;
    await pause(waitMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined);
    if (!this.#stopped.signal.aborted) await this.#deliver(url, event, triesLeft - 1);
  }
}
