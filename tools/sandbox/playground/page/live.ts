import { type PageContext, type Progress, readProgress } from './context.js';
import { clockTime, dateAndTime, element, find, make, withCode } from './dom.js';
import { followStream } from './live-stream.js';
import { CHECK_TITLES, EVENTS, stateOf } from './words.js';

const showChecks = ({ checks }: Progress): void =>
  element('#checks').replaceChildren(
    ...checks
      .filter(({ status }) => status !== 'notRequired')
      .map(({ name, status, failed, limit }) => {
        const { symbol, word } = stateOf(status);
        const tries = failed === 0 ? '' : `${failed} of ${limit} attempts failed`;
        return make(
          'li',
          { class: status, 'data-check': name },
          make('span', { class: 'symbol', 'aria-hidden': 'true' }, symbol),
          make('span', { class: 'name' }, CHECK_TITLES[name] ?? name),
          make('span', { class: 'word' }, word),
          make('span', { class: 'attempts' }, tries),
        );
      }),
  );

const TURNS: Readonly<Record<string, string>> = {
  applicant: 'The applicant’s turn',
  vendor: 'Verifik’s turn',
  operator: 'An operator’s turn',
  reviewer: 'A reviewer’s turn',
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const showAwaiting = ({ over, outcome, sentence, awaitedFrom, until }: Progress): void => {
  element('#awaiting').className = `awaiting ${outcome ?? (over ? 'failed' : awaitedFrom)}`;
  element('#awaiting-what').textContent = over ? `${capitalised(outcome ?? 'over')}. ${sentence}` : sentence;
  const turn = TURNS[awaitedFrom];
  element('#awaiting-until').textContent =
    over || until === undefined ? '' : `${turn ?? 'Nobody’s turn'}, until ${dateAndTime(until)}.`;
};

const showProgress = (progress: Progress | undefined): void => {
  if (progress === undefined) return;
  showAwaiting(progress);
  showChecks(progress);
  element('#next-actions').replaceChildren(
    ...progress.nextActions.map((sentence) => make('li', {}, ...withCode(sentence))),
  );
};

const showLink = (paragraph: HTMLElement, url: string | undefined): void => {
  paragraph.hidden = url === undefined;
  if (url !== undefined) find(HTMLAnchorElement, 'a', paragraph).href = url;
};

const showEvent = (type: string, moment: number, data: unknown): void => {
  const sentence = EVENTS[type]?.(data) ?? type;
  element('#events').prepend(make('li', { 'data-type': type }, clockTime(moment), make('span', {}, sentence)));
};

const STATE_TEXTS = {
  following: 'Following live.',
  reconnecting: 'The connection is lost. Connecting again…',
  ended: 'It has ended. This was the last event.',
} as const;

/** Sets up the checklist, the current state, the events and the next actions, as the gateway's stream reports them. */
export const addLive = ({ config, onboarding, progress }: PageContext): void => {
  const { workflowUrl } = config;
  let stop = (): void => undefined;
  let followed: string | undefined;

  progress.subscribe(showProgress);
  onboarding.subscribe((current) => {
    if (current?.id === followed) return;
    stop();
    followed = current?.id;
    progress.set(undefined);
    element('#events').replaceChildren();
    element('#checks').replaceChildren();
    element('#live').hidden = current === undefined;
    if (current === undefined) return;
    element('#awaiting-what').textContent = 'Loading…';
    element('#awaiting-until').textContent = '';
    showLink(element('#ui-link'), workflowUrl(current.id));
    stop = followStream(current.id, {
      onSnapshot: (snapshot) => progress.set(readProgress(snapshot)),
      onEvent: showEvent,
      onState: (state) => {
        element('#live-state').textContent = typeof state === 'string' ? STATE_TEXTS[state] : state.error;
        if (typeof state !== 'string') element('#awaiting-what').textContent = 'This onboarding cannot be followed.';
      },
    });
  });
};
