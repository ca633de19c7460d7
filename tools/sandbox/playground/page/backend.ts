import { dateAndTime, element, find } from './dom.js';
import { input, onSubmit, type Said } from './forms.js';
import { decideReview, type LiveRegistration, type Result, renewToken, reRegister, withdraw } from './gateway.js';
import { textAt } from './reading.js';
import type { Onboarding, Stage } from './stage.js';
import { CONTACT_FIELDS, filledIn } from './start-form.js';
import { createPhone } from './vendor.js';

const form = (selector: string): HTMLFormElement => find(HTMLFormElement, selector);

const showRegistration = ({ live }: Onboarding): void => {
  element('#registration').textContent =
    live === undefined
      ? 'There is no token at hand.'
      : `Registration ${live.appRegistrationId}, generation ${live.generation}; its token is live until ${dateAndTime(live.expiresAt)}.`;
};

/** Fills the form in with what Verifik has the applicant registered with. */
const fillContact = async ({ token }: LiveRegistration): Promise<void> => {
  const me = await createPhone(token, () => undefined).me();
  if (!me.done) return;
  for (const name of CONTACT_FIELDS) input(form('#re-register'), name).value = textAt(me.data, name) ?? '';
};

/** The backend's calls, besides the start. */
export const addBackend = ({ onboarding, progress }: Stage): void => {
  let filledFor: string | undefined;

  const withId = (run: (id: string) => Promise<Said>) => async (): Promise<Said> => {
    const id = onboarding.get()?.id;
    return id === undefined ? { text: 'There is no onboarding.', tone: 'bad' } : run(id);
  };

  const take = (result: Result<LiveRegistration>, done: string): Said => {
    if (!result.ok) return result.said;
    const { value: live } = result;
    onboarding.set({ id: live.id, live });
    return { text: done, tone: 'good' };
  };

  onSubmit(
    form('#renew'),
    withId(async (id) => take(await renewToken(id), 'The phone has a live token.')),
  );

  onSubmit(
    form('#re-register'),
    withId(async (id) => {
      const contact = filledIn(form('#re-register'), CONTACT_FIELDS);
      return take(await reRegister(id, { contact }), 'Registered again: the phone has the new token.');
    }),
  );

  onSubmit(form('#review'), (decision) =>
    withId(async (id) => {
      const { reviewer = '' } = filledIn(form('#review'), ['reviewer']);
      const result = await decideReview(id, { decision, reviewer });
      if (!result.ok) return result.said;
      return { text: decision === 'approve' ? 'Approved.' : 'Rejected.', tone: 'good' };
    })(),
  );

  onSubmit(
    form('#withdraw'),
    withId(async (id) => {
      const result = await withdraw(id);
      return result.ok ? { text: 'The withdrawal is on its way.', tone: 'good' } : result.said;
    }),
  );

  onboarding.follow((current) => {
    element('#backend').hidden = current === undefined;
    if (current === undefined) return;
    showRegistration(current);
    if (current.live === undefined || current.live.token === filledFor) return;
    filledFor = current.live.token;
    void fillContact(current.live);
  });
  progress.follow((now) => {
    form('#review').hidden = now?.underReview !== true;
  });
};
