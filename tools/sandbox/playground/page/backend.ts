import type { Onboarding, PageContext } from './context.js';
import { dateAndTime, element } from './dom.js';
import { CONTACT_FIELDS, filledIn, formAt, input, onSubmit } from './forms.js';
import { type LiveRegistration, type Result, renewToken, reRegister, withdraw } from './gateway.js';
import { textAt } from './json.js';
import { createPhone } from './vendor.js';

const showRegistration = ({ live }: Onboarding): void => {
  element('#registration').textContent =
    live === undefined
      ? 'This page has no token. Ask for a live token.'
      : `Registration ${live.appRegistrationId}, generation ${live.generation}; its token is live until ${dateAndTime(live.expiresAt)}.`;
};

const fillContact = async ({ token }: LiveRegistration): Promise<void> => {
  const me = await createPhone(token, () => undefined).me();
  if (!me.done) return;
  for (const name of CONTACT_FIELDS) input(formAt('#re-register'), name).value = textAt(me.data, name) ?? '';
};

/** Sets up the backend's side: calls to the gateway about the onboarding. */
export const addBackend = ({ onboarding }: PageContext): void => {
  let filledToken: string | undefined;

  /** Calls the gateway when the form is submitted. The phone uses the registration that the call returns. */
  const onCall = (form: HTMLFormElement, call: (id: string) => Promise<Result>): void =>
    onSubmit(form, async () => {
      const id = onboarding.get()?.id;
      if (id === undefined) return { text: 'Start an onboarding first.', tone: 'bad' };
      const { live, feedback } = await call(id);
      if (live !== undefined) onboarding.set({ id: live.id, live });
      return feedback;
    });

  const again = formAt('#re-register');
  onCall(formAt('#renew'), renewToken);
  onCall(formAt('#withdraw'), withdraw);
  onCall(again, (id) => reRegister(id, { contact: filledIn(again, CONTACT_FIELDS) }));

  onboarding.subscribe((current) => {
    element('#backend').hidden = current === undefined;
    if (current === undefined) return;
    showRegistration(current);
    if (current.live === undefined || current.live.token === filledToken) return;
    filledToken = current.live.token;
    void fillContact(current.live);
  });
};
