import { median } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../activities/revalidation/rate-limiter.js';

const never = new AbortController().signal;

/** Requests calls at the same time, and returns the start times of all in ms. */
const startTimes = async (limiter: RateLimiter, calls: number): Promise<readonly number[]> => {
  const start = performance.now();
  return Promise.all(Array.from({ length: calls }, () => limiter.acquire().then(() => performance.now() - start)));
};

/** Returns the median of the intervals in ms, which is not affected by a stall of the machine. */
const intervalOf = (at: readonly number[]): number =>
  median(at.slice(1).map((turn, former) => turn - (at[former] ?? Number.NaN)));

describe('the rate limiter', () => {
  it.each([50, 400])('keeps a rate of %d calls a second without exceeding it in any second', async (rate) => {
    const at = await startTimes(new RateLimiter(rate, never), Math.ceil(rate * 1.1));
    const took = at.at(-1) ?? 0;
    expect(took).toBeGreaterThan(1_080);
    // Generous, for a busy machine.
    expect(took).toBeLessThan(10_000);
    // At half the rate, the interval would be twice as long.
    expect(intervalOf(at)).toBeLessThan(1_500 / rate);
    const busiest = Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 1_000).length));
    expect(busiest).toBeLessThanOrEqual(rate * 1.03);
  });

  it('keeps an interval for each call that is acquired together', async () => {
    const limiter = new RateLimiter(40, never);
    const start = performance.now();
    for (const calls of [2, 3, 1]) await limiter.acquire(calls);
    expect(performance.now() - start).toBeGreaterThan(5 * 25);
    const other = new RateLimiter(40, never);
    const before = Date.now();
    await other.acquire(4);
    expect((other.calledAt ?? 0) - before).toBeGreaterThanOrEqual(3 * 25);
  });

  it('does not follow a pause with a burst', async () => {
    const limiter = new RateLimiter(100, never);
    await startTimes(limiter, 10);
    // A real pause is the subject of the test.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await startTimes(limiter, 30)).at(-1)).toBeGreaterThan(250);
  });

  it('delays calls that already wait when it is slowed down, and halves the rate only once', async () => {
    const limiter = new RateLimiter(100, never);
    const waiting = startTimes(limiter, 40);
    await limiter.acquire();
    const asked = performance.now();
    limiter.slowDown(500);
    // Calls in flight fail one after the other.
    for (let n = 0; n < 20; n += 1) limiter.slowDown(500 + n);
    // All of them waited before the slowdown: the next call is delayed, and the rate is halved at first.
    await waiting;
    await limiter.acquire();
    expect(performance.now() - asked).toBeGreaterThan(450);
    const at = await startTimes(limiter, 10);
    expect(at.at(-1)).toBeGreaterThan(130);
    expect(at.at(-1)).toBeLessThan(5_000);
    // Halved twice, it would be 40 ms.
    expect(intervalOf(at)).toBeLessThan(30);
  });

  it('delays calls that were requested before it was slowed down', async () => {
    const limiter = new RateLimiter(20, never);
    const start = performance.now();
    const at = startTimes(limiter, 6);
    limiter.slowDown(600);
    expect((await at).filter((one) => one < 550).length).toBeLessThanOrEqual(1);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it("continues from another limiter's last call, at its own interval and not before the vendor permits", async () => {
    const first = new RateLimiter(1_000, never);
    expect(first.calledAt).toBeUndefined();
    await first.acquire();
    const { calledAt = 0 } = first;
    const slower = new RateLimiter(4, never);
    slower.continueFrom(calledAt);
    await slower.acquire();
    expect(Date.now() - calledAt).toBeGreaterThanOrEqual(250);
    const asked = performance.now();
    slower.slowDown(400);
    const after = new RateLimiter(100, never);
    after.continueFrom(slower.calledAt ?? 0);
    await after.acquire();
    expect(performance.now() - asked).toBeGreaterThan(380);
  });

  it('ends all waits at once when its signal aborts', async () => {
    const stop = new AbortController();
    const limiter = new RateLimiter(1, stop.signal);
    const turns = Promise.all(Array.from({ length: 50 }, () => limiter.acquire()));
    stop.abort();
    const start = performance.now();
    expect((await turns).filter((came) => came).length).toBeLessThanOrEqual(1);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('waits longer than the maximum of a timer at the lowest rates', async () => {
    const stop = new AbortController();
    const limiter = new RateLimiter(1e-9, stop.signal);
    await limiter.acquire();
    const warned: string[] = [];
    const note = ({ name }: Error) => warned.push(name);
    process.on('warning', note);
    const second = limiter.acquire();
    // An overflowing timer would fire at once, with a warning.
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    process.off('warning', note);
    expect(await second).toBe(false);
    expect(warned).toEqual([]);
  });
});
