import type { Message } from './model.js';

const append = (index: Map<string, Message[]>, key: string, message: Message): void => {
  const present = index.get(key);
  if (present === undefined) index.set(key, [message]);
  else present.push(message);
};

/** Which messages are asked for. A phone number may stand with its country code or without. */
export interface OutboxFilter {
  readonly to?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly appRegistrationId?: string;
}

/** The emails and text messages that applicants would have got, found by recipient or registration. */
export class Outbox {
  readonly #all: Message[] = [];
  readonly #byRecipient = new Map<string, Message[]>();
  readonly #byRegistration = new Map<string, Message[]>();

  add(message: Message, countryCode = ''): void {
    this.#all.push(message);
    append(this.#byRecipient, message.to, message);
    if (countryCode !== '') append(this.#byRecipient, message.to.slice(countryCode.length), message);
    append(this.#byRegistration, message.appRegistrationId, message);
  }

  /** The messages that meet every part of the filter, the oldest first. */
  find({ to, email, phone, appRegistrationId }: OutboxFilter): readonly Message[] {
    const recipients = [to, email, phone].filter((recipient) => recipient !== undefined);
    const lists = [
      ...recipients.map((recipient) => this.#byRecipient.get(recipient) ?? []),
      ...(appRegistrationId === undefined ? [] : [this.#byRegistration.get(appRegistrationId) ?? []]),
    ];
    const [first = this.#all, ...others] = lists;
    return first.filter((message) => others.every((list) => list.includes(message)));
  }
}
