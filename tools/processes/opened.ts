type Closable = { close(): Promise<void> } | { stop(): Promise<void> };

/** A list of resources, which `close` closes or stops in reverse order. */
export class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  add<A extends Closable>(resource: A): A {
    this.onClose(() => ('close' in resource ? resource.close() : resource.stop()));
    return resource;
  }

  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** Opens resources, and closes those that are open if the function fails. */
  static async closingOnFailure<A>(open: (opened: Opened) => Promise<A>): Promise<A> {
    const opened = new Opened();
    try {
      return await open(opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
}
