import { clockTime, make } from './dom.js';
import { control } from './http.js';
import { listAt, numberAt, textAt } from './json.js';

const readMessage = (one: unknown) => ({
  kind: textAt(one, 'kind') === 'sms' ? 'sms' : 'email',
  to: textAt(one, 'to') ?? '',
  /** ms since the Unix epoch. */
  at: numberAt(one, 'at') ?? 0,
  otp: textAt(one, 'otp'),
  link: textAt(one, 'link') !== undefined,
});

export type Message = ReturnType<typeof readMessage>;

/** Returns the messages, oldest first, or undefined if the sandbox does not respond. */
const readMessages = async (whose: string): Promise<readonly Message[] | undefined> => {
  const query = whose === 'everybody' ? '' : `?${new URLSearchParams({ appRegistrationId: whose })}`;
  const { ok, body } = await control('GET', `/outbox${query}`);
  return ok ? listAt(body).map(readMessage) : undefined;
};

interface InboxOptions {
  readonly list: HTMLElement;
  readonly empty: HTMLElement;
  /** Whose messages to show: a registration's, everybody's, or nobody's. */
  readonly of: () => string | 'everybody' | undefined;
  /** Copies a code from its message to the form that needs it. */
  readonly useCode?: (message: Message) => void;
}

const POLL_INTERVAL_MS = 1_500;

const textOf = ({ kind, to, otp, link }: Message): readonly (Node | string)[] => [
  `${kind === 'email' ? 'Email' : 'Text'} to ${to}: `,
  ...(otp === undefined ? [] : ['Your code is ', make('span', { class: 'code' }, otp), '.']),
  ...(link ? ['Here is a link to continue.'] : []),
];

const row = (message: Message, useCode: InboxOptions['useCode']): HTMLElement => {
  const { otp } = message;
  const item = make('li', {}, clockTime(message.at), make('span', { class: 'message' }, ...textOf(message)));
  if (useCode === undefined || otp === undefined) return item;
  const button = make('button', { type: 'button' }, 'Use this code', make('span', { class: 'unseen' }, ` ${otp}`));
  button.addEventListener('click', () => useCode(message));
  item.append(button);
  return item;
};

/** Shows messages, newest first, and polls for new ones while the page is visible. */
export const createInbox = ({ list, empty, of, useCode }: InboxOptions) => {
  let shownOf: string | undefined;
  let shown = 0;

  const refresh = async (): Promise<void> => {
    const whose = of();
    const messages = whose === undefined ? [] : await readMessages(whose);
    // A concurrent refresh may have finished first, or the registration may have changed.
    if (messages === undefined || whose !== of()) return;
    if (whose !== shownOf) {
      list.replaceChildren();
      [shownOf, shown] = [whose, 0];
    }
    // Adds only new messages, so that a focused one keeps the focus.
    for (const message of messages.slice(shown)) list.prepend(row(message, useCode));
    shown = messages.length;
    empty.hidden = shown > 0;
  };

  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, POLL_INTERVAL_MS);
  void refresh();
  return { refresh };
};

export type Inbox = ReturnType<typeof createInbox>;
