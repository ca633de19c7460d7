type Defined<A extends object> = {
  [K in keyof A as undefined extends A[K] ? never : K]: A[K];
} & {
  [K in keyof A as undefined extends A[K] ? K : never]?: Exclude<A[K], undefined>;
};

/** Returns the object without the keys whose value is `undefined`: optional properties must not have that value. */
export function defined<A extends object>(object: A): Defined<A>;
export function defined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
