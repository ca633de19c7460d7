import { median } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../activities/revalidation/pace.js';

const never = new AbortController().signal;

/** When each of so many calls that want to begin at once begins, in ms from the first. */
const beginnings = async (pace: Pace, calls: number): Promise<readonly number[]> => {
  const start = performance.now();
  return Promise.all(Array.from({ length: calls }, () => pace.take().then(() => performance.now() - start)));
};

/** The median of the distances between turns, in ms: a stall of the machine is in few of them. */
const distanceOf = (at: readonly number[]): number =>
  median(at.slice(1).map((turn, former) => turn - (at[former] ?? Number.NaN)));

describe('the pace of a batch', () => {
  it.each([50, 400])('of %d calls a second is kept, and none too many are in any second', async (rate) => {
    const at = await beginnings(new Pace(rate, never), Math.ceil(rate * 1.1));
    const took = at.at(-1) ?? 0;
    expect(took).toBeGreaterThan(1_080);
    // A busy machine adds to it.
    expect(took).toBeLessThan(10_000);
    // At half the rate it would be twice as long.
    expect(distanceOf(at)).toBeLessThan(1_500 / rate);
    const busiest = Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 1_000).length));
    expect(busiest).toBeLessThanOrEqual(rate * 1.03);
  });

  it('keeps a distance for each of the calls that are made in one turn', async () => {
    const pace = new Pace(40, never);
    const start = performance.now();
    for (const calls of [2, 3, 1]) await pace.take(calls);
    expect(performance.now() - start).toBeGreaterThan(5 * 25);
    const other = new Pace(40, never);
    const before = Date.now();
    await other.take(4);
    expect((other.calledAt ?? 0) - before).toBeGreaterThanOrEqual(3 * 25);
  });

  it('does not make up for a pause with a burst', async () => {
    const pace = new Pace(100, never);
    await beginnings(pace, 10);
    // The pause itself is what is tested.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await beginnings(pace, 30)).at(-1)).toBeGreaterThan(250);
  });

  it('holds back those too who wait already when the vendor asks to be slower, and halves once', async () => {
    const pace = new Pace(100, never);
    const waiting = beginnings(pace, 40);
    await pace.take();
    const asked = performance.now();
    pace.slowDown(500);
    // Calls that were under way together are told so one after the other.
    for (let told = 0; told < 20; told += 1) pace.slowDown(500 + told);
    // All of them waited for the 41st turn, at the end of which it was told: what comes then is late, and half as fast at first.
    await waiting;
    await pace.take();
    expect(performance.now() - asked).toBeGreaterThan(450);
    const at = await beginnings(pace, 10);
    expect(at.at(-1)).toBeGreaterThan(130);
    expect(at.at(-1)).toBeLessThan(5_000);
    // Halved by another one that was told, it would be 40 ms.
    expect(distanceOf(at)).toBeLessThan(30);
  });

  it('holds back the turns that were given out before', async () => {
    const pace = new Pace(20, never);
    const start = performance.now();
    const at = beginnings(pace, 6);
    pace.slowDown(600);
    expect((await at).filter((one) => one < 550).length).toBeLessThanOrEqual(1);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it('goes on from where another was left, at its own distance, and as late as the vendor has asked for', async () => {
    const first = new Pace(1_000, never);
    expect(first.calledAt).toBeUndefined();
    await first.take();
    const { calledAt = 0 } = first;
    const slower = new Pace(4, never);
    slower.goOnFrom(calledAt);
    await slower.take();
    expect(Date.now() - calledAt).toBeGreaterThanOrEqual(250);
    const asked = performance.now();
    slower.slowDown(400);
    const after = new Pace(100, never);
    after.goOnFrom(slower.calledAt ?? 0);
    await after.take();
    expect(performance.now() - asked).toBeGreaterThan(380);
  });

  it('ends all waiting at once', async () => {
    const stop = new AbortController();
    const pace = new Pace(1, stop.signal);
    const turns = Promise.all(Array.from({ length: 50 }, () => pace.take()));
    stop.abort();
    const start = performance.now();
    expect((await turns).filter((came) => came).length).toBeLessThanOrEqual(1);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('waits for longer than a timer can, at the slowest of rates', async () => {
    const stop = new AbortController();
    const pace = new Pace(1e-9, stop.signal);
    await pace.take();
    const warned: string[] = [];
    const note = ({ name }: Error) => warned.push(name);
    process.on('warning', note);
    const second = pace.take();
    // Time in which a timer that overflows would have rung, and warned, many times.
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    process.off('warning', note);
    expect(await second).toBe(false);
    expect(warned).toEqual([]);
  });
});
