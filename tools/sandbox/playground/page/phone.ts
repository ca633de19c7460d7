import type { PageContext, Progress } from './context.js';
import { control, type Message } from './controls.js';
import { element, find, findAll } from './dom.js';
import { act, chosen, type Feedback, input, onSubmit, showText } from './forms.js';
import { createInbox, type Inbox } from './inbox.js';
import { type Attempt, createPhone, type Phone, statusOf } from './vendor.js';
import { type CheckName, describeRefusal, STATES, UNKNOWN_STATE } from './words.js';

const FORMS = { email: '#email', phone: '#sms', document: '#document', biometric: '#selfie' } as const;

const formOf = (check: CheckName): HTMLFormElement => find(HTMLFormElement, FORMS[check]);

const refused = (attempt: Attempt, focus?: HTMLElement): Feedback => {
  const text = attempt.done ? '' : describeRefusal(attempt.word, attempt.detail);
  return { text, tone: 'bad', ...(focus === undefined ? {} : { focus }) };
};

/** Returns the focus of the next visible step's first control. */
const nextStep = (form: HTMLFormElement): Pick<Feedback, 'focus'> => {
  const steps = findAll(HTMLFormElement, '.step:not([hidden])', element('#steps'));
  const next = steps[steps.indexOf(form) + 1]?.querySelector('button, input, select');
  return next instanceof HTMLElement ? { focus: next } : {};
};

const passed = (form: HTMLFormElement, text: string): Feedback => ({ text, tone: 'good', ...nextStep(form) });

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

/** Forces the result of the next attempt, in place of an earlier forced result. */
const force = async (appRegistrationId: string, target: string, outcome: string): Promise<void> => {
  const word = OUTCOMES[target]?.[outcome];
  const outcomes = word === undefined ? {} : { [target]: word };
  await control('PUT', `/registrations/${appRegistrationId}/outcomes`, outcomes);
};

interface StepContext {
  readonly phone: Phone;
  readonly appRegistrationId: string;
}

type RunStep = (run: (context: StepContext) => Promise<Feedback>) => Promise<Feedback>;

const addCodes = (check: 'email' | 'phone', runStep: RunStep, inbox: Inbox) => {
  const form = formOf(check);
  const field = input(form, 'otp');
  const sent = check === 'email' ? 'A code is on its way by email.' : 'A code is on its way by text.';
  element('.send-code', form).addEventListener('click', () => {
    void act(form, () =>
      runStep(async ({ phone }) => {
        const attempt = await phone.sendCode(check);
        await inbox.refresh();
        return attempt.done ? { text: sent, tone: 'plain', focus: field } : refused(attempt);
      }),
    );
  });
  onSubmit(form, () =>
    runStep(async ({ phone }) => {
      const otp = field.value.trim();
      if (otp === '') {
        const errors = [{ field: 'otp', expected: 'the code from the message' }];
        return { text: 'Enter the code first.', tone: 'bad', errors };
      }
      const attempt = await phone.confirmCode(check, otp);
      if (!attempt.done) {
        field.select();
        return refused(attempt, field);
      }
      field.value = '';
      return passed(form, 'The code is correct. Verifik has confirmed it.');
    }),
  );
};

const addDocument = (runStep: RunStep) => {
  const form = formOf('document');
  onSubmit(form, () =>
    runStep(async ({ phone, appRegistrationId }) => {
      const outcome = chosen(form, 'outcome');
      const file = input(form, 'file').files?.[0];
      await force(appRegistrationId, 'document', outcome);
      const attempt = await phone.uploadDocument(file === undefined ? undefined : await inBase64(file));
      if (!attempt.done) return refused(attempt);
      const word = statusOf(await phone.me(), 'document');
      if (outcome === 'failed') return { text: `Verifik does not accept the document. (${word})`, tone: 'bad' };
      if (outcome === 'review') return { text: `Verifik needs a review of the document. (${word})`, tone: 'plain' };
      return passed(form, `Verifik accepts the document. (${word})`);
    }),
  );
};

const addSelfie = (runStep: RunStep) => {
  const form = formOf('biometric');
  onSubmit(form, () =>
    runStep(async ({ phone, appRegistrationId }) => {
      await force(appRegistrationId, 'biometric', chosen(form, 'outcome'));
      const attempt = await phone.takeSelfie();
      return attempt.done ? passed(form, 'Verifik sees a living face.') : refused(attempt);
    }),
  );
};

const addComparison = (runStep: RunStep) => {
  const form = find(HTMLFormElement, '#compare');
  onSubmit(form, () =>
    runStep(async ({ phone, appRegistrationId }) => {
      const outcome = chosen(form, 'outcome');
      await force(appRegistrationId, 'compare', outcome);
      const compared = await phone.compareFaces();
      if (!compared.done) return refused(compared);
      const finished = await phone.finish();
      if (!finished.done) return refused(finished);
      return outcome === 'failed'
        ? { text: 'Verifik sees two different people and needs a review.', tone: 'bad' }
        : { text: 'Verifik sees the same person.', tone: 'good' };
    }),
  );
};

const showSteps = (progress: Progress | undefined): void => {
  for (const { name, status } of progress?.checks ?? []) {
    const form = formOf(name);
    const chip = element('.chip', form);
    form.hidden = status === 'notRequired';
    chip.className = `chip ${status}`;
    chip.textContent = (STATES[status] ?? UNKNOWN_STATE).word;
  }
};

/** Sets up the applicant's phone: the inbox, and the steps of the hosted page. */
export const addPhone = ({ onboarding, progress }: PageContext): void => {
  const useCode = ({ kind, otp = '' }: Message): void => {
    const form = formOf(kind === 'email' ? 'email' : 'phone');
    input(form, 'otp').value = otp;
    element('button[type="submit"]', form).focus();
  };
  const inbox = createInbox({
    list: element('#inbox'),
    empty: element('#inbox-empty'),
    of: () => onboarding.get()?.live?.appRegistrationId,
    useCode,
  });

  const runStepOf =
    (form: HTMLFormElement): RunStep =>
    async (run) => {
      const live = onboarding.get()?.live;
      if (live === undefined)
        return { text: 'This phone has no token. Ask for a live token as the backend.', tone: 'bad' };
      const phone = createPhone(live.token, (text) => showText(form, text));
      return run({ phone, appRegistrationId: live.appRegistrationId });
    };

  addCodes('email', runStepOf(formOf('email')), inbox);
  addCodes('phone', runStepOf(formOf('phone')), inbox);
  addDocument(runStepOf(formOf('document')));
  addSelfie(runStepOf(formOf('biometric')));
  addComparison(runStepOf(find(HTMLFormElement, '#compare')));
  progress.subscribe(showSteps);
  onboarding.subscribe((current) => {
    element('#phone').hidden = current === undefined;
    void inbox.refresh();
  });
};
