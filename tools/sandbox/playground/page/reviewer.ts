import type { PageContext, Progress, Review } from './context.js';
import { dateAndTime, element, findAll, focusOn, keepFocus, make, relativeTime, setText } from './dom.js';
import { formAt, input } from './forms.js';
import { addReviewCalls } from './review-calls.js';
import { addReviewQueue } from './review-queue.js';
import { CHECK_TITLES } from './words.js';

const showReview = (id: string, { checks, dueAt, claimedBy, claimedUntil }: Review, progress: Progress): void => {
  const reviewed = progress.checks.filter(({ name }) => checks.includes(name));
  const reasons = reviewed.map(({ name, reason }) => `${CHECK_TITLES[name]}: ${reason}`);
  const items = reasons.length === 0 ? ['The registration as a whole.'] : reasons;
  const claim = claimedBy === undefined ? undefined : `Claimed by ${claimedBy} until ${dateAndTime(claimedUntil)}.`;
  setText(element('#reviewed-id'), id);
  element('#under-review').replaceChildren(...items.map((item) => make('li', {}, item)));
  setText(element('#review-due'), `Due ${relativeTime(dueAt)}, on ${dateAndTime(dueAt)}.`);
  setText(element('#review-claim'), claim ?? 'Nobody has claimed this review.');
};

/** Offers the checks that the onboarding requires, and proposes those under review. */
const proposeChecks = ({ checks }: Review, progress: Progress): void => {
  const form = formAt('#again');
  const required = progress.checks.filter(({ status }) => status !== 'notRequired').map(({ name }) => String(name));
  for (const label of findAll(HTMLLabelElement, '.choices label', form)) {
    const box = input(label, 'checks');
    label.hidden = !required.includes(box.value);
    box.checked = !label.hidden && checks.includes(box.value);
  }
  input(form, 'reason').value = '';
};

/** Shows or hides the review and its forms. */
const toggleReview = (isOpen: boolean): void =>
  keepFocus(element('#reviewer-heading'), () => {
    const side = element('#reviewer');
    for (const part of findAll(HTMLElement, '#reviewed, fieldset', side)) part.hidden = !isOpen;
    for (const button of isOpen ? [] : findAll(HTMLButtonElement, '.force', side)) button.hidden = true;
  });

/** Sets up the reviewer's side: the queue, and the review of the open onboarding with its calls. */
export const addReviewer = (context: PageContext): void => {
  const { onboarding, progress } = context;
  let shown: string | undefined;
  /** The onboarding whose review gets the focus as soon as it is there. */
  let wanted: string | undefined;

  const show = (): void => {
    const [id, now] = [onboarding.get()?.id, progress.get()];
    const isNew = shown !== id;
    shown = now?.review === undefined ? undefined : id;
    toggleReview(shown !== undefined);
    if (id !== undefined && now?.review !== undefined) {
      showReview(id, now.review, now);
      if (isNew) proposeChecks(now.review, now);
      if (wanted === id) focusOn(element('#reviewed-heading'));
    }
    if (now !== undefined && wanted === id) wanted = undefined;
  };

  element('#reviewer').hidden = false;
  addReviewCalls(context, formAt('#review'));
  addReviewCalls(context, formAt('#again'));
  progress.subscribe(show);
  addReviewQueue(context, (id) => {
    wanted = id;
    show();
  });
};
