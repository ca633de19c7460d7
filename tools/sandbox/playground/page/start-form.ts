import { fragmentOf, type PageContext } from './context.js';
import { element, focusOn } from './dom.js';
import { CONTACT_FIELDS, type Feedback, filledIn, formAt, input, onSubmit, tick, ticked } from './forms.js';
import { start } from './gateway.js';
import { control } from './http.js';
import { textAt } from './json.js';

/** Short intervals, so that a lost webhook is noticed while somebody watches. */
const RECONCILE = { firstMs: 30_000, maxMs: 300_000 };

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
    input(form, 'reference').value = `playground-${crypto.randomUUID().slice(0, 8)}`;
  };

  const begin = async (): Promise<Feedback> => {
    const [reRegistration] = ticked(form, 'reRegistration');
    const required = ticked(form, 'required');
    await control('PATCH', '/settings', { reRegistration, mandatory: required });
    const { live, feedback } = await start({
      ...filledIn(form, ['reference']),
      project: config.project,
      projectFlow: config.projectFlow,
      contact: filledIn(form, CONTACT_FIELDS),
      fullName: input(form, 'fullName').value.trim(),
      policy: { required, reconcile: RECONCILE },
    });
    if (live === undefined) return feedback;
    onboarding.set({ id: live.id, live });
    location.hash = fragmentOf(live.id);
    return { text: '', tone: 'plain', focus: element('#phone-heading') };
  };

  element('#start').hidden = false;
  fill();
  void control('GET', '/settings').then(({ body }) => {
    const current = textAt(body, 'reRegistration') ?? 'recreate';
    tick(form, 'reRegistration', (value) => value === current);
  });
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
