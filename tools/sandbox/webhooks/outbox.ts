import type { Message } from '../model.js';

const append = (index: Map<string, Message[]>, key: string, message: Message): void => {
  const present = index.get(key);
  if (present === undefined) index.set(key, [message]);
  else present.push(message);
};

/** A filter for messages. All given fields must match. Phone numbers match with and without their country code. */
export interface OutboxFilter {
  readonly to?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly appRegistrationId?: string;
}

/** Stores the emails and text messages to applicants, instead of sending them. */
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
