/** A list of resources, which `close` stops in reverse order. */
export class Opened {
  readonly #stops: (() => Promise<void>)[] = [];

  add<A extends { stop(): Promise<void> }>(part: A): A {
    this.#stops.push(() => part.stop());
    return part;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
