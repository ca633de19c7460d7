import * as t from 'io-ts';
import { DEFAULT_PAGE_SIZE } from '../../client/lists/list-page.js';
import { documented, matching, refined } from '../../shared/decoding.js';
import { count, orText } from '../../shared/settings.js';

/** A boolean query parameter. */
export const Flag = orText(
  refined(t.boolean, 'true or false', () => true),
  (text) => (text === 'true' ? true : text === 'false' ? false : text),
);

/** The query parameters of every list. */
export const PageQuery = {
  limit: documented(count(1, 100), {
    description: 'The maximum number of items in a page.',
    default: DEFAULT_PAGE_SIZE,
  }),
  cursor: matching(/^[\w.-]{1,4096}$/, 'the `cursor` of the previous page of the same list', {
    maxLength: 4_096,
    description: 'The `cursor` of the previous page.',
  }),
};

export const NextCursor = t.partial({
  cursor: documented(t.string, { description: 'The cursor of the next page. Absent on the last page.' }),
});
