import { fragmentOf, type PageContext } from './context.js';
import { element, findAll, focusOn, make, relativeTime, setText } from './dom.js';
import { readReviews } from './gateway.js';
import { listAt, numberAt, textAt, textsAt } from './json.js';

/** The number of reviews that the page shows. */
const LIMIT = 20;

const POLL_INTERVAL_MS = 2_000;

const readListed = (one: unknown) => ({
  id: textAt(one, 'id') ?? '',
  dueAt: numberAt(one, 'dueAt') ?? 0,
  reasons: textsAt(one, 'reasons'),
  projectFlow: textAt(one, 'projectFlow') ?? 'unknown',
  claimedBy: textAt(one, 'claimedBy'),
});

type Listed = ReturnType<typeof readListed>;

/**
 * Sets up the queue of reviews, and polls it while the page is visible. `onOpen` receives the id of an opened review.
 */
export const addReviewQueue = ({ config, onboarding }: PageContext, onOpen: (id: string) => void) => {
  const list = element('#queue');
  let shown = '';

  const row = ({ id, dueAt, reasons, projectFlow, claimedBy }: Listed): HTMLElement => {
    const link = make('a', { href: fragmentOf(id), 'data-review': id }, id);
    if (id === onboarding.get()?.id) link.setAttribute('aria-current', 'true');
    link.addEventListener('click', () => onOpen(id));
    const why = reasons.length === 0 ? 'The registration as a whole.' : reasons.map(config.reviewReason).join(' ');
    const claim = claimedBy === undefined ? 'Not claimed.' : `Claimed by ${claimedBy}.`;
    return make(
      'li',
      {},
      link,
      make('span', { class: dueAt < Date.now() ? 'overdue' : '' }, `due ${relativeTime(dueAt)}`),
      make('p', { class: 'hint' }, `${why} Flow ${projectFlow}. ${claim}`),
    );
  };

  /** Replaces the rows only if they have changed, and keeps the focus. */
  const show = (reviews: readonly Listed[]): void => {
    const rows = make('ol', {}, ...reviews.map(row));
    if (rows.innerHTML === shown) return;
    shown = rows.innerHTML;
    const focused = list.querySelector<HTMLElement>(':focus')?.dataset['review'];
    list.replaceChildren(...rows.children);
    if (focused === undefined) return;
    const same = findAll(HTMLElement, 'a', list).find(({ dataset }) => dataset['review'] === focused);
    focusOn(same ?? element('#reviewer-heading'));
  };

  const refresh = async (): Promise<void> => {
    const { ok, body } = await readReviews(LIMIT);
    const reviews = listAt(body, 'reviews').map(readListed);
    if (ok) show(reviews);
    const more = textAt(body, 'cursor') === undefined ? '' : ` The first ${LIMIT} are shown.`;
    const count = reviews.length === 0 ? 'No review is open.' : `Open reviews: ${reviews.length}.${more}`;
    setText(element('#queue-state'), ok ? count : 'The reviews could not be read. Trying again…');
  };

  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, POLL_INTERVAL_MS);
  onboarding.subscribe(() => void refresh());
};
