/** Adds `Promise.withResolvers`, which the SDK needs and Node 20 lacks. Must be imported before the SDK. */
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
