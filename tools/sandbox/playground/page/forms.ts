import { element, find, findAll, make } from './dom.js';

/** How what is said is meant. */
export type Tone = 'plain' | 'good' | 'bad';

/** A field that is wrong, and what was expected of it. */
export interface FieldError {
  readonly field: string;
  readonly expected: string;
}

/** What an action came to, for its form to say. */
export interface Said {
  readonly text: string;
  readonly tone: Tone;
  readonly errors?: readonly FieldError[];
  /** Where the keyboard goes on, where not at the same button. */
  readonly focus?: HTMLElement;
}

export const say = (form: HTMLFormElement, text: string, tone: Tone = 'plain'): void => {
  const said = element('.said', form);
  said.textContent = text;
  said.className = `said ${tone}`;
};

export const input = (form: HTMLFormElement, name: string): HTMLInputElement =>
  find(HTMLInputElement, `input[name="${name}"]`, form);

export const chosen = (form: HTMLFormElement, name: string): string =>
  find(HTMLSelectElement, `select[name="${name}"]`, form).value;

/** The values of the checkboxes or radio buttons of the name that are on. */
export const ticked = (form: HTMLFormElement, name: string): readonly string[] =>
  findAll(HTMLInputElement, `input[name="${name}"]:checked`, form).map(({ value }) => value);

export const tick = (form: HTMLFormElement, name: string, value: string): void => {
  for (const one of findAll(HTMLInputElement, `input[name="${name}"]`, form)) one.checked = one.value === value;
};

const placeOf = (form: HTMLFormElement, field: string): HTMLElement | undefined =>
  findAll(HTMLElement, '[data-field]', form).find(({ dataset }) => {
    const own = dataset['field'] ?? '';
    return field === own || field.endsWith(`.${own}`) || field.startsWith(`${own}.`);
  });

const clearErrors = (form: HTMLFormElement): void => {
  for (const error of findAll(HTMLElement, '.error', form)) error.remove();
  for (const field of findAll(HTMLElement, '[aria-invalid]', form)) {
    field.removeAttribute('aria-invalid');
    const former = field.dataset['described'];
    if (former === undefined || former === '') field.removeAttribute('aria-describedby');
    else field.setAttribute('aria-describedby', former);
  }
};

const markError = (form: HTMLFormElement, place: HTMLElement, expected: string): void => {
  const id = `${form.id}-${(place.dataset['field'] ?? '').replaceAll('.', '-')}-error`;
  const former = place.getAttribute('aria-describedby') ?? '';
  place.dataset['described'] = former;
  place.setAttribute('aria-invalid', 'true');
  place.setAttribute('aria-describedby', `${former} ${id}`.trim());
  place.after(make('span', { class: 'error', id }, `Expected: ${expected}.`));
};

/** Shows each error at its field. Answers with the errors that no field of the form is named by. */
const showErrors = (form: HTMLFormElement, errors: readonly FieldError[]): readonly FieldError[] => {
  const homeless = errors.filter(({ field, expected }) => {
    const place = placeOf(form, field);
    if (place === undefined) return true;
    markError(form, place, expected);
    return false;
  });
  const [first] = findAll(HTMLElement, '[aria-invalid]', form);
  const target = first?.matches('input, select') ? first : first?.querySelector('input');
  if (target instanceof HTMLElement) target.focus();
  return homeless;
};

const tell = (form: HTMLFormElement, { text, tone, errors = [], focus }: Said): void => {
  const homeless = showErrors(form, errors).map(({ field, expected }) => `${field}: expected ${expected}.`);
  say(form, [text, ...homeless].join(' '), tone);
  focus?.focus();
};

/** Runs an action of the form, one at a time. Its buttons stay focusable meanwhile, so that nobody loses their place. */
export const act = async (form: HTMLFormElement, action: () => Promise<Said>): Promise<void> => {
  if (form.getAttribute('aria-busy') === 'true') return;
  const buttons = findAll(HTMLButtonElement, 'button', form);
  form.setAttribute('aria-busy', 'true');
  for (const button of buttons) button.setAttribute('aria-disabled', 'true');
  clearErrors(form);
  say(form, 'One moment…');
  try {
    tell(form, await action());
  } catch {
    say(form, 'Something on this page went wrong. Load it again.', 'bad');
  } finally {
    form.removeAttribute('aria-busy');
    for (const button of buttons) button.removeAttribute('aria-disabled');
  }
};

/** Acts when the form is sent; `pressed` is the value of the button. */
export const onSubmit = (form: HTMLFormElement, action: (pressed: string) => Promise<Said>): void =>
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { submitter } = event;
    void act(form, () => action(submitter instanceof HTMLButtonElement ? submitter.value : ''));
  });
