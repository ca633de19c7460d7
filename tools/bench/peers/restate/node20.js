/** The SDK calls `Promise.withResolvers`, which came with Node 22. Imported before it, so that it runs on Node 20 as well. */
Promise.withResolvers ??= () => {
  /** @type {any} */
  let resolve;
  /** @type {any} */
  let reject;
  const promise = new Promise((...settlers) => {
    [resolve, reject] = settlers;
  });
  return { promise, resolve, reject };
};
