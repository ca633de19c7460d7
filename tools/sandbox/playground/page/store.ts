/** A value that several parts of the page look at. */
export interface Store<A> {
  get(): A;
  set(value: A): void;
  /** Calls back at once and whenever the value changes. */
  follow(look: (value: A) => void): void;
}

export const createStore = <A>(initial: A): Store<A> => {
  let value = initial;
  const onlookers: ((value: A) => void)[] = [];
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const look of onlookers) look(next);
    },
    follow: (look) => {
      onlookers.push(look);
      look(value);
    },
  };
};
