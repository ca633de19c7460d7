import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';
import type { Settings } from './settings.js';

export interface Webhook {
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
}

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
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  #queued: Webhook[] = [];

  constructor(settings: () => Settings, random: Random) {
    this.#settings = settings;
    this.#random = random;
    // Each webhook in flight adds a listener.
    setMaxListeners(0, this.#stopped.signal);
  }

  send(suffix: string, object: Readonly<Record<string, unknown>>): void {
    const { webhookUrl, webhookLossRate, webhookCopies, webhookForgeryRate, webhookShuffle } = this.#settings();
    if (webhookUrl === null) return;
    const webhook: Webhook = { type: `onboarding_${suffix}`, object };
    if (this.#random.next() < webhookForgeryRate) this.#deliverLater(webhookUrl, forge(webhook));
    if (this.#random.next() < webhookLossRate) return;
    for (let copy = this.#copies(webhookCopies); copy > 0; copy -= 1) this.#queued.push(webhook);
    if (this.#queued.length >= webhookShuffle) this.flush();
  }

  /** Sends the webhooks that wait to be shuffled. */
  flush(): void {
    const { webhookUrl, webhookShuffle } = this.#settings();
    const queued = this.#queued;
    this.#queued = [];
    while (webhookUrl !== null && queued.length > 0) {
      const [webhook] = queued.splice(webhookShuffle > 1 ? this.#random.below(queued.length) : 0, 1);
      if (webhook !== undefined) this.#deliverLater(webhookUrl, webhook);
    }
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

  #deliverLater(url: string, webhook: Webhook): void {
    if (this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#deliver(url, webhook, TRIES);
    }, this.#settings().webhookDelayMs);
    this.#timers.add(timer);
  }

  async #deliver(url: string, webhook: Webhook, triesLeft: number): Promise<void> {
    let waitMs = 0;
    try {
      const { ok, body, headers } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(webhook),
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await body?.cancel();
      if (ok) return;
      waitMs = Math.min(Number(headers.get('retry-after') ?? 0) * 1_000, MAX_RETRY_AFTER_MS);
    } catch {
      if (this.#stopped.signal.aborted) return;
    }
    if (triesLeft <= 1) return;
    await pause(waitMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined);
    if (!this.#stopped.signal.aborted) await this.#deliver(url, webhook, triesLeft - 1);
  }
}
