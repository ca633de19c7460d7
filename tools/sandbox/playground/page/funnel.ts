import { element, make } from './dom.js';
import { chosen, filledIn, formAt, onSubmit } from './forms.js';
import { feedbackOf, send } from './http.js';
import { numberAt } from './json.js';
import { CHECK_TITLES, CHECKS } from './words.js';

const HOUR_MS = 3_600_000;

/** The rows: a name, and the place of the count in the gateway's response. */
const ROWS: readonly (readonly [string, ...(readonly string[])])[] = [
  ['Started', 'started'],
  ['Being registered', 'open', 'registering'],
  ['At the checks', 'open', 'validating'],
  ...CHECKS.map((check) => [`${CHECK_TITLES[check] ?? check} to be done`, 'pending', check] as const),
  ['Under review', 'open', 'inReview'],
  ['Verified', 'ended', 'verified'],
  ['Rejected', 'ended', 'rejected'],
  ['Expired', 'ended', 'expired'],
  ['Withdrawn', 'ended', 'withdrawn'],
  ['Stopped without an outcome', 'stopped'],
];

const rowOf = (title: string, count: number, started: number): HTMLElement =>
  make(
    'tr',
    {},
    make('th', { scope: 'row' }, title),
    make('td', { class: 'count' }, String(count)),
    make(
      'td',
      { 'aria-hidden': 'true' },
      make('meter', { min: '0', max: String(Math.max(started, 1)), value: String(count) }),
    ),
  );

/** Sets up the counts of the onboardings, which the gateway makes when the form is submitted. */
export const addFunnel = (): void => {
  const form = formAt('#funnel-form');
  element('#funnel').hidden = false;
  onSubmit(form, async () => {
    const hours = Number(chosen(form, 'hours'));
    const from = hours === 0 ? {} : { from: String(Date.now() - hours * HOUR_MS) };
    const answer = await send(
      'GET',
      `/playground/gateway/funnel?${new URLSearchParams({ ...filledIn(form, ['policyName']), ...from })}`,
    );
    if (!answer.ok) return feedbackOf(answer);
    const countAt = (...path: readonly string[]): number => numberAt(answer.body, ...path) ?? 0;
    const started = countAt('started');
    element('#funnel-rows').replaceChildren(...ROWS.map(([title, ...path]) => rowOf(title, countAt(...path), started)));
    element('#funnel-table').hidden = false;
    return { text: `Counted ${started} started onboardings.`, tone: 'good' };
  });
};
