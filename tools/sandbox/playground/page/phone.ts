import { control, type Message } from './controls.js';
import { element, find, findAll } from './dom.js';
import { act, chosen, input, onSubmit, type Said, say } from './forms.js';
import { createInbox, type Inbox } from './inbox.js';
import type { Progress, Stage } from './stage.js';
import { type Attempt, createPhone, type Phone, statusOf } from './vendor.js';
import { type CheckName, refusalInWords, STATES, UNKNOWN_STATE } from './words.js';

const FORMS = { email: '#email', phone: '#sms', document: '#document', biometric: '#selfie' } as const;

const formOf = (check: CheckName): HTMLFormElement => find(HTMLFormElement, FORMS[check]);

const refused = (attempt: Attempt, focus?: HTMLElement): Said => {
  const text = attempt.done ? '' : refusalInWords(attempt.word, attempt.detail);
  return { text, tone: 'bad', ...(focus === undefined ? {} : { focus }) };
};

/** Where the applicant goes on: the first control of the next step that is shown. */
const nextStep = (form: HTMLFormElement): Pick<Said, 'focus'> => {
  const steps = findAll(HTMLFormElement, '.step:not([hidden])', element('#steps'));
  const next = steps[steps.indexOf(form) + 1]?.querySelector('button, input, select');
  return next instanceof HTMLElement ? { focus: next } : {};
};

const passed = (form: HTMLFormElement, text: string): Said => ({ text, tone: 'good', ...nextStep(form) });

const inBase64 = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result).replace(/^data:[^,]*,/, '')));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });

const OUTCOMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  document: { failed: 'FAILED', review: 'NEEDS_MANUAL_VERIFICATION' },
  biometric: { failed: 'failed' },
  compare: { failed: 'failed' },
};

/** Forces what the next attempt comes to: in place of what was forced before. */
const force = async (appRegistrationId: string, thing: string, outcome: string): Promise<void> => {
  const word = OUTCOMES[thing]?.[outcome];
  const outcomes = word === undefined ? {} : { [thing]: word };
  await control('PUT', `/registrations/${appRegistrationId}/outcomes`, outcomes);
};

/** What a step has at hand. */
interface Hand {
  readonly phone: Phone;
  readonly appRegistrationId: string;
}

/** Runs a step with the token that there is. */
type Take = (run: (hand: Hand) => Promise<Said>) => Promise<Said>;

const addCodes = (check: 'email' | 'phone', take: Take, inbox: Inbox) => {
  const form = formOf(check);
  const field = input(form, 'otp');
  const sent = check === 'email' ? 'A code is on its way by email.' : 'A code is on its way by text.';
  element('.send-code', form).addEventListener('click', () => {
    void act(form, () =>
      take(async ({ phone }) => {
        const attempt = await phone.sendCode(check);
        await inbox.refresh();
        return attempt.done ? { text: sent, tone: 'plain', focus: field } : refused(attempt);
      }),
    );
  });
  onSubmit(form, () =>
    take(async ({ phone }) => {
      const otp = field.value.trim();
      if (otp === '') {
        const errors = [{ field: 'otp', expected: 'the code from the message' }];
        return { text: 'There is no code yet.', tone: 'bad', errors };
      }
      const attempt = await phone.confirmCode(check, otp);
      if (!attempt.done) {
        field.select();
        return refused(attempt, field);
      }
      field.value = '';
      return passed(form, 'That is the code: Verifik has confirmed it.');
    }),
  );
};

const addDocument = (take: Take) => {
  const form = formOf('document');
  onSubmit(form, () =>
    take(async ({ phone, appRegistrationId }) => {
      const outcome = chosen(form, 'outcome');
      const file = input(form, 'file').files?.[0];
      await force(appRegistrationId, 'document', outcome);
      const attempt = await phone.uploadDocument(file === undefined ? undefined : await inBase64(file));
      if (!attempt.done) return refused(attempt);
      const word = statusOf(await phone.me(), 'document');
      if (outcome === 'failed') return { text: `Verifik does not accept the document. (${word})`, tone: 'bad' };
      if (outcome === 'review') return { text: `Verifik leaves it to people. (${word})`, tone: 'plain' };
      return passed(form, `Verifik accepts the document. (${word})`);
    }),
  );
};

const addSelfie = (take: Take) => {
  const form = formOf('biometric');
  onSubmit(form, () =>
    take(async ({ phone, appRegistrationId }) => {
      await force(appRegistrationId, 'biometric', chosen(form, 'outcome'));
      const attempt = await phone.takeSelfie();
      return attempt.done ? passed(form, 'Verifik sees a living face.') : refused(attempt);
    }),
  );
};

const addComparison = (take: Take) => {
  const form = find(HTMLFormElement, '#compare');
  onSubmit(form, () =>
    take(async ({ phone, appRegistrationId }) => {
      const outcome = chosen(form, 'outcome');
      await force(appRegistrationId, 'compare', outcome);
      const compared = await phone.compareFaces();
      if (!compared.done) return refused(compared);
      const finished = await phone.finish();
      if (!finished.done) return refused(finished);
      return outcome === 'failed'
        ? { text: 'Verifik sees two different people, and leaves it to its own people.', tone: 'bad' }
        : { text: 'Verifik sees the same person.', tone: 'good' };
    }),
  );
};

/** Shows at each step where its check stands, and closes the phone when there is nothing to do any more. */
const showSteps = (progress: Progress | undefined): void => {
  for (const { name, status } of progress?.checks ?? []) {
    const form = formOf(name);
    const chip = element('.chip', form);
    form.hidden = status === 'notRequired';
    chip.className = `chip ${status}`;
    chip.textContent = (STATES[status] ?? UNKNOWN_STATE).word;
  }
};

/** The applicant's phone: the inbox, and the steps of the hosted page. */
export const addPhone = ({ onboarding, progress }: Stage): void => {
  const useCode = ({ kind, otp = '' }: Message): void => {
    const form = formOf(kind === 'email' ? 'email' : 'phone');
    input(form, 'otp').value = otp;
    element('button[type="submit"]', form).focus();
  };
  const inbox = createInbox({
    list: element('#inbox'),
    empty: element('#inbox-empty'),
    of: () => onboarding.get()?.live?.appRegistrationId,
    take: useCode,
  });

  const takeWith =
    (form: HTMLFormElement): Take =>
    async (run) => {
      const live = onboarding.get()?.live;
      if (live === undefined) return { text: 'There is no token: the backend has to ask for one.', tone: 'bad' };
      const phone = createPhone(live.token, (text) => say(form, text));
      return run({ phone, appRegistrationId: live.appRegistrationId });
    };

  addCodes('email', takeWith(formOf('email')), inbox);
  addCodes('phone', takeWith(formOf('phone')), inbox);
  addDocument(takeWith(formOf('document')));
  addSelfie(takeWith(formOf('biometric')));
  addComparison(takeWith(find(HTMLFormElement, '#compare')));
  progress.follow(showSteps);
  onboarding.follow((current) => {
    element('#phone').hidden = current === undefined;
    void inbox.refresh();
  });
};
