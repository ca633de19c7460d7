import type { Onboarding, PageContext } from './context.js';
import { dateAndTime, element, find } from './dom.js';
import { type Feedback, input, onSubmit } from './forms.js';
import { decideReview, type LiveRegistration, type Result, renewToken, reRegister, withdraw } from './gateway.js';
import { textAt } from './json.js';
import { CONTACT_FIELDS, filledIn } from './start-form.js';
import { createPhone } from './vendor.js';

const form = (selector: string): HTMLFormElement => find(HTMLFormElement, selector);

const showRegistration = ({ live }: Onboarding): void => {
  element('#registration').textContent =
    live === undefined
      ? 'This page has no token. Ask for a live token.'
      : `Registration ${live.appRegistrationId}, generation ${live.generation}; its token is live until ${dateAndTime(live.expiresAt)}.`;
};

const fillContact = async ({ token }: LiveRegistration): Promise<void> => {
  const me = await createPhone(token, () => undefined).me();
  if (!me.done) return;
  for (const name of CONTACT_FIELDS) input(form('#re-register'), name).value = textAt(me.data, name) ?? '';
};

export const addBackend = ({ onboarding, progress }: PageContext): void => {
  let filledToken: string | undefined;

  const withId = (run: (id: string) => Promise<Feedback>) => async (): Promise<Feedback> => {
    const id = onboarding.get()?.id;
    return id === undefined ? { text: 'Start an onboarding first.', tone: 'bad' } : run(id);
  };

  const useRegistration = (result: Result<LiveRegistration>, done: string): Feedback => {
    if (!result.ok) return result.feedback;
    const { value: live } = result;
    onboarding.set({ id: live.id, live });
    return { text: done, tone: 'good' };
  };

  onSubmit(
    form('#renew'),
    withId(async (id) => useRegistration(await renewToken(id), 'The phone has a live token.')),
  );

  onSubmit(
    form('#re-register'),
    withId(async (id) => {
      const contact = filledIn(form('#re-register'), CONTACT_FIELDS);
      return useRegistration(await reRegister(id, { contact }), 'Registered again: the phone has the new token.');
    }),
  );

  onSubmit(form('#review'), (decision) =>
    withId(async (id) => {
      const { reviewer = '' } = filledIn(form('#review'), ['reviewer']);
      const result = await decideReview(id, { decision, reviewer });
      if (!result.ok) return result.feedback;
      return { text: decision === 'approve' ? 'Approved.' : 'Rejected.', tone: 'good' };
    })(),
  );

  onSubmit(
    form('#withdraw'),
    withId(async (id) => {
      const result = await withdraw(id);
      return result.ok ? { text: 'The withdrawal was requested.', tone: 'good' } : result.feedback;
    }),
  );

  onboarding.subscribe((current) => {
    element('#backend').hidden = current === undefined;
    if (current === undefined) return;
    showRegistration(current);
    if (current.live === undefined || current.live.token === filledToken) return;
    filledToken = current.live.token;
    void fillContact(current.live);
  });
  progress.subscribe((now) => {
    form('#review').hidden = now?.underReview !== true;
  });
};
