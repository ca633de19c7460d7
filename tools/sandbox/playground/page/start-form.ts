import type { PageContext } from './context.js';
import { element, focusOn } from './dom.js';
import { CONTACT_FIELDS, type Feedback, filledIn, formAt, input, onSubmit, tick, ticked } from './forms.js';
import { start } from './gateway.js';
import { control } from './http.js';
import { textAt } from './json.js';

/** Short intervals, so that a lost webhook is noticed while somebody watches. */
const RECONCILE = { firstMs: 30_000, maxMs: 300_000 };

const newReference = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `playground-${[...bytes].map((byte) => byte.toString(36).padStart(2, '0')).join('')}`;
};

const request = (form: HTMLFormElement, { project, projectFlow }: PageContext['config']) => ({
  ...filledIn(form, ['reference']),
  project,
  projectFlow,
  contact: filledIn(form, CONTACT_FIELDS),
  fullName: input(form, 'fullName').value.trim(),
  policy: { required: ticked(form, 'required'), reconcile: RECONCILE },
});

export const addStart = ({ config, onboarding }: PageContext): void => {
  const form = formAt('#start-form');
  const started = element('#started');
  let next = 0;

  const propose = (): void => {
    const person = config.people[next % config.people.length];
    next += 1;
    for (const name of ['fullName', ...CONTACT_FIELDS]) input(form, name).value = textAt(person, name) ?? '';
  };

  const fill = (): void => {
    propose();
    input(form, 'reference').value = newReference();
  };

  const begin = async (): Promise<Feedback> => {
    const [reRegistration] = ticked(form, 'reRegistration');
    const mandatory = ticked(form, 'required');
    await control('PATCH', '/settings', { reRegistration, mandatory });
    const { live, feedback } = await start(request(form, config));
    if (live === undefined) return feedback;
    onboarding.set({ id: live.id, live });
    location.hash = new URLSearchParams({ onboarding: live.id }).toString();
    return { text: '', tone: 'plain', focus: element('#phone-heading') };
  };

  element('#start').hidden = false;
  fill();
  void control('GET', '/settings').then(({ body }) =>
    tick(form, 'reRegistration', textAt(body, 'reRegistration') ?? 'recreate'),
  );
  element('#another-person').addEventListener('click', propose);
  onSubmit(form, begin);
  const show = (starting: boolean): void => {
    form.hidden = !starting;
    started.hidden = starting;
    element('#start-heading').textContent = starting ? 'Start an onboarding' : 'The onboarding';
  };
  element('#start-another').addEventListener('click', () => {
    fill();
    show(true);
    focusOn(input(form, 'fullName'));
  });
  onboarding.subscribe((current) => {
    show(current === undefined);
    element('#started-id').textContent = current?.id ?? '';
  });
};
