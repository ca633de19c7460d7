import type { IdempotencyKeyInput } from '../contract/messages.js';

/**
 * Records the first request with an idempotency key. Completes at once: Temporal rejects a second workflow with the
 * same id until the namespace's retention period of the first has passed, and the key is valid until then.
 */
export async function idempotencyKey(input: IdempotencyKeyInput): Promise<IdempotencyKeyInput> {
  return input;
}
