import * as t from 'io-ts';
import { DescribedType, matching, refined, textUpTo, wholeNumber } from './decoding.js';

/** `fetch` throws at each request to a URL with credentials. */
const isAnonymous = ({ username, password }: URL): boolean => username === '' && password === '';

const urlWithout = (parts: string, forbidden: RegExp) =>
  refined(t.string, `an http or https URL without ${parts}`, (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && isAnonymous(url) && !forbidden.test(url.href);
  });

export const HttpUrl = urlWithout('credentials or fragment', /#/);

/** The URL of an API, to which paths are appended. */
export const BaseUrl = urlWithout('credentials, query or fragment', /[?#]/);

/** The longest name that a Temporal server accepts by default. */
export const Namespace = textUpTo(1_000);

export const FilePath = matching(/^.{1,4096}$/, "a file's path");
export const Name = matching(/^[\w.-]{1,200}$/, 'a name of letters, digits and . _ -');
export const Secret = matching(/^\S{8,}$/, 'a secret of at least 8 characters, without white space');
export const LogLevel = t.keyof({ debug: null, info: null, warn: null, error: null }, 'debug, info, warn or error');

/** Accepts a value as text, too, as variables of the environment and query parameters hold it. */
export const orText = <C extends t.Any>(codec: C, parse: (text: string) => unknown): DescribedType<C> =>
  new DescribedType(
    codec.name,
    codec,
    {},
    {
      is: codec.is,
      validate: (u, context) => {
        const value = typeof u === 'string' ? parse(u) : u;
        return codec.is(value) ? t.success(value) : t.failure(u, context, codec.name);
      },
    },
  );

/** A codec for a whole number, given as a number or as text. */
export const count = (least: number, most: number) =>
  orText(wholeNumber(least, most), (text) => (/^\d+$/.test(text) ? Number(text) : text));

/** A codec for a list of one or more items, given as an array or as comma-separated text. */
export const listOf = <A>(item: t.Type<A, unknown, unknown>, name: string) =>
  orText(
    refined(t.readonlyArray(item), name, ({ length }) => length > 0),
    (text) => text.split(',').map((part) => part.trim()),
  );

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

export const optional = <A>(env: string, codec: t.Decoder<unknown, A>, meaning: string) =>
  setting<A | undefined>(env, codec, undefined, meaning);

export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

export type SettingValues<S extends SettingTable> = {
  readonly [K in keyof S]: S[K] extends { readonly codec: t.Decoder<unknown, infer A>; readonly fallback: infer F }
    ? A | F
    : never;
};
