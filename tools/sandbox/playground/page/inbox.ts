import { type Message, readMessages } from './controls.js';
import { clockTime, make } from './dom.js';

/** A list of messages that fills by itself. */
export interface Inbox {
  /** Looks for new messages now. */
  refresh(): Promise<void>;
}

export interface InboxOptions {
  readonly list: HTMLElement;
  readonly empty: HTMLElement;
  /** Whose messages: a registration's, everybody's, or nobody's. */
  readonly of: () => string | 'everybody' | undefined;
  /** Takes a code from its message to where it is asked for. */
  readonly take?: (message: Message) => void;
}

const LOOK_AGAIN_MS = 1_500;

const told = ({ otp, link }: Message): readonly (Node | string)[] => [
  ...(otp === undefined ? [] : ['Your code is ', make('span', { class: 'code' }, otp), '.']),
  ...(link ? ['Here is a link to go on with.'] : []),
];

const row = (message: Message, take: InboxOptions['take']): HTMLElement => {
  const { kind, to, otp } = message;
  const text = make(
    'span',
    { class: 'message' },
    `${kind === 'email' ? 'Email' : 'Text'} to ${to}: `,
    ...told(message),
  );
  const item = make('li', {}, clockTime(message.at), text);
  if (take === undefined || otp === undefined) return item;
  const button = make('button', { type: 'button' }, 'Use this code', make('span', { class: 'unseen' }, ` ${otp}`));
  button.addEventListener('click', () => take(message));
  item.append(button);
  return item;
};

/** Shows the messages, the newest first, and looks for new ones while the page is looked at. */
export const createInbox = ({ list, empty, of, take }: InboxOptions): Inbox => {
  let shownOf: string | undefined;
  let shown = 0;

  const refresh = async (): Promise<void> => {
    const whose = of();
    const messages = whose === undefined ? [] : await readMessages(whose === 'everybody' ? undefined : whose);
    // Another look may have been quicker, or about somebody else.
    if (messages === undefined || whose !== of()) return;
    if (whose !== shownOf) {
      list.replaceChildren();
      [shownOf, shown] = [whose, 0];
    }
    // Only what is new is added: whoever has the focus on a message keeps it.
    for (const message of messages.slice(shown)) list.prepend(row(message, take));
    shown = messages.length;
    empty.hidden = shown > 0;
  };

  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, LOOK_AGAIN_MS);
  void refresh();
  return { refresh };
};
