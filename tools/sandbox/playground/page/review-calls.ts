import type { PageContext } from './context.js';
import { find } from './dom.js';
import { act, type Feedback, formAt, input, onSubmit, ticked } from './forms.js';
import { pathOf } from './gateway.js';
import { feedbackOf, send } from './http.js';
import { textAt } from './json.js';

interface Call {
  readonly path: string;
  readonly done: string;
  /** Returns the fields of the request besides the reviewer. A decision names the version that the page shows. */
  readonly fields: (version: string) => object;
}

const repetition = () => {
  const form = formAt('#again');
  return { checks: ticked(form, 'checks'), reason: input(form, 'reason').value.trim() };
};

/** The gateway's calls by the values of their buttons. */
const CALLS: Readonly<Record<string, Call>> = {
  claim: { path: '/claim', done: 'Claimed.', fields: () => ({}) },
  release: { path: '/release', done: 'Released.', fields: () => ({}) },
  approve: { path: '', done: 'Approved.', fields: (version) => ({ decision: 'approve', version }) },
  reject: { path: '', done: 'Rejected.', fields: (version) => ({ decision: 'reject', version }) },
  again: {
    path: '/again',
    done: 'The applicant is asked to do it again.',
    fields: (version) => ({ ...repetition(), version }),
  },
};

/**
 * Calls the gateway about the review of the open onboarding when the form is submitted. If another reviewer has claimed
 * the review, the form then offers the same call by force.
 */
export const addReviewCalls = ({ onboarding, progress }: PageContext, form: HTMLFormElement): void => {
  const force = find(HTMLButtonElement, '.force', form);
  let last = '';

  const run = async (name: string, isForced: boolean): Promise<Feedback> => {
    const [id, review, call] = [onboarding.get()?.id, progress.get()?.review, CALLS[name]];
    if (id === undefined || review === undefined || call === undefined)
      return { text: 'Nothing is under review.', tone: 'bad' };
    const reviewer = input(formAt('#review'), 'reviewer').value.trim();
    const request = { ...call.fields(review.version), reviewer, ...(isForced ? { force: true } : {}) };
    const answer = await send('POST', `${pathOf(id)}/review${call.path}`, request);
    const button = find(HTMLButtonElement, `button[value="${name}"]`, form);
    // The button that forces the call is hidden now.
    if (isForced) button.focus();
    last = name;
    force.textContent = `${button.textContent} all the same`;
    force.hidden = textAt(answer.body, 'code') !== 'reviewClaimed';
    return feedbackOf(answer, call.done);
  };

  onSubmit(form, (pressed) => run(pressed, false));
  force.addEventListener('click', () => void act(form, () => run(last, true)));
};
