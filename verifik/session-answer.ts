import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { decodeFields } from '../shared/decoding.js';
import { type Decode, inData, Token } from './decode.js';

const AccessToken = t.type({ accessToken: Token });

/** `GET /auth/session`: at the top level, or under `data`. */
export const sessionAnswer: Decode<string> = (body) =>
  AccessToken.is(body)
    ? E.right(body.accessToken)
    : pipe(
        inData(decodeFields(AccessToken))(body),
        E.map(({ accessToken }) => accessToken),
      );
