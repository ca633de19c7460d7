import type { PageContext, Progress } from './context.js';
import { element, findAll, keepFocus, setText } from './dom.js';
import { act, chosen, type Feedback, formAt, input, onSubmit, showText } from './forms.js';
import { control } from './http.js';
import { createInbox, type Inbox, type Message } from './inbox.js';
import { type ContactCheck, createPhone, type Phone, type Refused, statusOf } from './vendor.js';
import { CHECKS, type CheckName, describeRefusal, stateOf } from './words.js';

const FORMS = { email: '#email', phone: '#sms', document: '#document', biometric: '#selfie' } as const;

const formOf = (check: CheckName): HTMLFormElement => formAt(FORMS[check]);

const refused = ({ word, detail }: Refused): Feedback => ({ text: describeRefusal(word, detail), tone: 'bad' });

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

/** Forces the result of the next attempt, in place of an earlier forced result. An empty `outcome` forces none. */
const force = async (appRegistrationId: string, target: string, outcome: string): Promise<void> => {
  const outcomes = outcome === '' ? {} : { [target]: outcome };
  await control('PUT', `/registrations/${appRegistrationId}/outcomes`, outcomes);
};

interface Step {
  readonly phone: Phone;
  readonly appRegistrationId: string;
}

/** Creates the action of a form: `run` with the phone, or an error if the phone has no token. */
type StepOf = (form: HTMLFormElement, run: (step: Step) => Promise<Feedback>) => () => Promise<Feedback>;

const addCodes = (check: ContactCheck, stepOf: StepOf, inbox: Inbox) => {
  const form = formOf(check);
  const field = input(form, 'otp');
  const sent = check === 'email' ? 'A code is on its way by email.' : 'A code is on its way by text.';
  const sendCode = stepOf(form, async ({ phone }) => {
    const attempt = await phone.sendCode(check);
    await inbox.refresh();
    return attempt.done ? { text: sent, tone: 'plain', focus: field } : refused(attempt);
  });
  const confirmCode = stepOf(form, async ({ phone }) => {
    const otp = field.value.trim();
    if (otp === '') {
      const errors = [{ field: 'otp', expected: 'the code from the message' }];
      return { text: 'Enter the code first.', tone: 'bad', errors };
    }
    const attempt = await phone.confirmCode(check, otp);
    if (!attempt.done) {
      field.select();
      return { ...refused(attempt), focus: field };
    }
    field.value = '';
    return passed(form, 'The code is correct. Verifik has confirmed it.');
  });
  element('.send-code', form).addEventListener('click', () => void act(form, sendCode));
  onSubmit(form, confirmCode);
};

const addDocument = (stepOf: StepOf) => {
  const form = formOf('document');
  const upload = stepOf(form, async ({ phone, appRegistrationId }) => {
    const outcome = chosen(form, 'outcome');
    const file = input(form, 'file').files?.[0];
    await force(appRegistrationId, 'document', outcome);
    const attempt = await phone.uploadDocument(file === undefined ? undefined : await inBase64(file));
    if (!attempt.done) return refused(attempt);
    const word = statusOf(await phone.me(), 'document');
    if (outcome === 'FAILED') return { text: `Verifik does not accept the document. (${word})`, tone: 'bad' };
    if (outcome !== '') return { text: `Verifik needs a review of the document. (${word})`, tone: 'plain' };
    return passed(form, `Verifik accepts the document. (${word})`);
  });
  onSubmit(form, upload);
};

/** Has Verifik compare the selfie with the document, with the result chosen on the page. */
const compareFaces = async (phone: Phone, appRegistrationId: string) => {
  await force(appRegistrationId, 'compare', chosen(formAt('#compare'), 'outcome'));
  return phone.compareFaces();
};

const addSelfie = (stepOf: StepOf) => {
  const form = formOf('biometric');
  const takeSelfie = stepOf(form, async ({ phone, appRegistrationId }) => {
    await force(appRegistrationId, 'biometric', chosen(form, 'outcome'));
    const attempt = await phone.takeSelfie();
    if (!attempt.done) return refused(attempt);
    // As Verifik's page does once there is a document as well. Without one, Verifik refuses the comparison.
    await compareFaces(phone, appRegistrationId);
    return passed(form, 'Verifik sees a living face.');
  });
  onSubmit(form, takeSelfie);
};

const addComparison = (stepOf: StepOf) => {
  const form = formAt('#compare');
  const compare = stepOf(form, async ({ phone, appRegistrationId }) => {
    const compared = await compareFaces(phone, appRegistrationId);
    if (!compared.done) return refused(compared);
    const finished = await phone.finish();
    if (!finished.done) return refused(finished);
    return chosen(form, 'outcome') === 'failed'
      ? { text: 'Verifik sees two different people and needs a review.', tone: 'bad' }
      : { text: 'Verifik sees the same person.', tone: 'good' };
  });
  onSubmit(form, compare);
};

/** Shows a reviewer's request to repeat the check, and resets the form, so that the repetition passes. */
const showRequest = (form: HTMLFormElement, reason: string | undefined): void => {
  for (const asked of findAll(HTMLElement, '.asked', form)) {
    const text = reason === undefined ? '' : `Please do this again. ${reason}`;
    const isNew = text !== '' && asked.textContent !== text;
    setText(asked, text);
    if (!isNew) continue;
    form.reset();
    showText(form, '');
  }
};

/** Shows the steps of the required checks. None is shown until they are known. */
const showSteps = (progress: Progress | undefined): void =>
  keepFocus(element('#phone-heading'), () => {
    if (progress === undefined) for (const check of CHECKS) formOf(check).hidden = true;
    for (const { name, status, requestedAgain } of progress?.checks ?? []) {
      const form = formOf(name);
      const chip = element('.chip', form);
      form.hidden = status === 'notRequired';
      showRequest(form, requestedAgain);
      chip.className = `chip ${status}`;
      chip.textContent = stateOf(status).word;
    }
  });

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

  const stepOf: StepOf = (form, run) => async () => {
    const live = onboarding.get()?.live;
    if (live === undefined)
      return { text: 'This phone has no token. Ask for a live token as the backend.', tone: 'bad' };
    const phone = createPhone(live.token, (text) => showText(form, text));
    return run({ phone, appRegistrationId: live.appRegistrationId });
  };

  addCodes('email', stepOf, inbox);
  addCodes('phone', stepOf, inbox);
  addDocument(stepOf);
  addSelfie(stepOf);
  addComparison(stepOf);
  progress.subscribe(showSteps);
  onboarding.subscribe((current) => {
    element('#phone').hidden = current === undefined;
    void inbox.refresh();
  });
};
