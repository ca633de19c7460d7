import type { IdempotencyKeyInput } from '../contract/messages.js';

/**
 * Remembers what an idempotency key was first used for. It ends at once: Temporal refuses a second workflow of the same id for as long
 * as it keeps the first, and that is how long a key is remembered.
 */
export async function idempotencyKey(input: IdempotencyKeyInput): Promise<IdempotencyKeyInput> {
  return input;
}
