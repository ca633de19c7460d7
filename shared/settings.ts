import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { DescribedType, matching, refined, wholeNumber } from './decoding.js';

const isHttpUrl = (text: string): boolean => {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
};

export const HttpUrl = refined(t.string, 'an http or https URL', isHttpUrl);
export const Address = matching(/^[\w.:[\]-]+:\d{1,5}$/, 'an address such as 127.0.0.1:9464');
export const FilePath = matching(/^.{1,4096}$/, "a file's path");
export const Name = matching(/^[\w.-]{1,200}$/, 'a name of letters, digits and . _ -');
export const Secret = matching(/^\S{8,}$/, 'a secret without white space');
export const LogLevel = t.keyof({ debug: null, info: null, warn: null, error: null }, 'debug, info, warn or error');

/** A codec for a whole number, given as a number or as text. */
export const count = (least: number, most: number) => {
  const number = wholeNumber(least, most);
  return new DescribedType(
    number.name,
    number,
    {},
    {
      is: number.is,
      validate: (u, context) => {
        const value = typeof u === 'string' && /^\d+$/.test(u) ? Number(u) : u;
        return number.is(value) ? t.success(value) : t.failure(u, context, number.name);
      },
    },
  );
};

/** A codec for a list of one or more items, given as an array or as comma-separated text. */
export const listOf = <A>(item: t.Type<A, unknown, unknown>, name: string): t.Type<readonly A[], unknown, unknown> => {
  const list = t.array(item);
  const split = (text: string) => text.split(',').map((part) => part.trim());
  return new t.Type<readonly A[], unknown, unknown>(
    name,
    (u): u is readonly A[] => list.is(u) && u.length > 0,
    (u, context) => {
      const items = list.decode(typeof u === 'string' ? split(u) : u);
      return E.isRight(items) && items.right.length > 0 ? items : t.failure(u, context, name);
    },
    t.identity,
  );
};

export interface Setting<A> {
  readonly env: string;
  readonly codec: t.Decoder<unknown, A>;
  readonly fallback: A;
  readonly meaning: string;
}

export const setting = <A>(env: string, codec: t.Decoder<unknown, A>, fallback: A, meaning: string): Setting<A> => ({
  env,
  codec,
  fallback,
  meaning,
});

export const optional = <A>(env: string, codec: t.Decoder<unknown, A>, meaning: string): Setting<A | undefined> => ({
  env,
  codec,
  fallback: undefined,
  meaning,
});

export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

export type SettingValues<S extends SettingTable> = {
  readonly [K in keyof S]: S[K] extends { readonly codec: t.Decoder<unknown, infer A>; readonly fallback: infer F }
    ? A | F
    : never;
};
