import * as t from 'io-ts';

/** A path of a response with the JSON type of its value. Never the value. */
export interface PathType {
  /** Such as `data.status`; items of arrays are `[]`. */
  readonly path: string;
  readonly type: string;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (value === undefined) return 'absent';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** Returns a key unless it can be data: Verifik's own keys are words. */
const shown = (key: string): string =>
  /^[A-Za-z_$][\w$-]{0,63}$/.test(key) && !/^[0-9a-f]{24}$/.test(key) ? key : '(key)';

const join = (parent: string, parentValue: object, key: string): string => {
  if (Array.isArray(parentValue)) return `${parent}[]`;
  return parent === '' ? shown(key) : `${parent}.${shown(key)}`;
};

const isOwnKey = (target: object, key: string | symbol): key is string =>
  typeof key === 'string' && Object.hasOwn(target, key) && !(Array.isArray(target) && key === 'length');

/** A response that records the paths that are read in it. */
export interface TrackedResponse {
  /** The response for its decoder. Equal to the original. */
  readonly view: unknown;
  /** The topmost paths that nothing has read. */
  readonly unread: () => readonly PathType[];
  /** The type of the value at a path of a decoding error, such as `data.0.status`. */
  readonly typeAt: (field: string) => string;
}

/** Tracks the reads of a response, which show the fields that a decoder knows in any of its codecs. */
export const trackReads = (body: unknown): TrackedResponse => {
  const read = new Set<string>();
  const views = new WeakMap<object, object>();

  const viewOf = (value: unknown, path: string): unknown => {
    if (!isObject(value)) return value;
    const known = views.get(value);
    if (known !== undefined) return known;
    const view = new Proxy(value, {
      get: (target, key) => {
        const child: unknown = Reflect.get(target, key);
        if (!isOwnKey(target, key)) return child;
        const childPath = join(path, target, key);
        read.add(childPath);
        return viewOf(child, childPath);
      },
    });
    views.set(value, view);
    return view;
  };

  const unreadIn = (value: unknown, path: string): readonly PathType[] =>
    !isObject(value)
      ? []
      : Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
          const childPath = join(path, value, key);
          return read.has(childPath) ? unreadIn(child, childPath) : [{ path: childPath, type: typeOf(child) }];
        });

  return {
    view: viewOf(body, ''),
    // A call without a decoder reads nothing.
    unread: () =>
      read.size === 0 ? [] : [...new Map(unreadIn(body, '').map((one) => [`${one.path} ${one.type}`, one])).values()],
    typeAt: (field) => {
      const keys = field === '(root)' ? [] : field.split('.');
      const valueAt = (value: unknown, key: string): unknown => (t.UnknownRecord.is(value) ? value[key] : undefined);
      return typeOf(
        keys.reduce((value, key) => (Array.isArray(value) ? value[Number(key)] : valueAt(value, key)), body),
      );
    },
  };
};
