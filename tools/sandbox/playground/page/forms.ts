import { element, find, findAll, make } from './dom.js';

type Tone = 'plain' | 'good' | 'bad';

interface FieldError {
  readonly field: string;
  readonly expected: string;
}

/** The feedback of an action, which its form shows. */
export interface Feedback {
  readonly text: string;
  readonly tone: Tone;
  readonly errors?: readonly FieldError[];
  /** The element to focus. Default: the focus stays. */
  readonly focus?: HTMLElement;
}

export const showText = (form: HTMLFormElement, text: string, tone: Tone = 'plain'): void => {
  const said = element('.said', form);
  said.textContent = text;
  said.className = `said ${tone}`;
};

export const formAt = (selector: string): HTMLFormElement => find(HTMLFormElement, selector);

export const input = (form: HTMLElement, name: string): HTMLInputElement =>
  find(HTMLInputElement, `input[name="${name}"]`, form);

export const chosen = (form: HTMLFormElement, name: string): string =>
  find(HTMLSelectElement, `select[name="${name}"]`, form).value;

export const ticked = (form: HTMLFormElement, name: string): readonly string[] =>
  findAll(HTMLInputElement, `input[name="${name}"]:checked`, form).map(({ value }) => value);

const changed = new WeakSet<HTMLFormElement>();

document.addEventListener('change', ({ target }) => {
  if (target instanceof HTMLInputElement && target.form !== null) changed.add(target.form);
});

/** Shows a choice that was read from the server, unless the user has changed the form meanwhile. */
export const tick = (form: HTMLFormElement, name: string, isTicked: (value: string) => boolean): void => {
  if (changed.has(form)) return;
  for (const one of findAll(HTMLInputElement, `input[name="${name}"]`, form)) one.checked = isTicked(one.value);
};

/** Returns the values of the inputs that are not empty. */
export const filledIn = (form: HTMLFormElement, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => [name, input(form, name).value.trim()] as const).filter(([, value]) => value !== ''),
  );

export const CONTACT_FIELDS = ['email', 'phone', 'countryCode'] as const;

const fieldElement = (form: HTMLFormElement, field: string): HTMLElement | undefined =>
  findAll(HTMLElement, '[data-field]', form).find(({ dataset }) => {
    const own = dataset['field'] ?? '';
    return field === own || field.endsWith(`.${own}`) || field.startsWith(`${own}.`);
  });

const clearErrors = (form: HTMLFormElement): void => {
  for (const error of findAll(HTMLElement, '.error', form)) error.remove();
  for (const field of findAll(HTMLElement, '[aria-invalid]', form)) {
    field.removeAttribute('aria-invalid');
    field.setAttribute('aria-describedby', field.dataset['described'] ?? '');
  }
};

const markError = (form: HTMLFormElement, place: HTMLElement, expected: string): void => {
  const id = `${form.id}-${(place.dataset['field'] ?? '').replaceAll('.', '-')}-error`;
  const previous = place.getAttribute('aria-describedby') ?? '';
  place.dataset['described'] = previous;
  place.setAttribute('aria-invalid', 'true');
  place.setAttribute('aria-describedby', `${previous} ${id}`.trim());
  place.after(make('span', { class: 'error', id }, `Expected: ${expected}.`));
};

/** Shows each error at its field. Returns the errors whose field is not in the form. */
const showErrors = (form: HTMLFormElement, errors: readonly FieldError[]): readonly FieldError[] => {
  const unplaced = errors.filter(({ field, expected }) => {
    const place = fieldElement(form, field);
    if (place === undefined) return true;
    markError(form, place, expected);
    return false;
  });
  const [first] = findAll(HTMLElement, '[aria-invalid]', form);
  const target = first?.matches('input, select') ? first : first?.querySelector('input');
  if (target instanceof HTMLElement) target.focus();
  return unplaced;
};

const showFeedback = (form: HTMLFormElement, { text, tone, errors = [], focus }: Feedback): void => {
  const unplaced = showErrors(form, errors).map(({ field, expected }) => `${field}: expected ${expected}.`);
  showText(form, [text, ...unplaced].join(' '), tone);
  focus?.focus();
};

/**
 * Runs an action, unless another one of the form is running. The buttons stay focusable, so that the focus is not lost.
 */
export const act = async (form: HTMLFormElement, action: () => Promise<Feedback>): Promise<void> => {
  if (form.getAttribute('aria-busy') === 'true') return;
  const buttons = findAll(HTMLButtonElement, 'button', form);
  form.setAttribute('aria-busy', 'true');
  for (const button of buttons) button.setAttribute('aria-disabled', 'true');
  clearErrors(form);
  showText(form, 'One moment…');
  try {
    showFeedback(form, await action());
  } catch {
    showText(form, 'This page has failed. Reload it.', 'bad');
  } finally {
    form.removeAttribute('aria-busy');
    for (const button of buttons) button.removeAttribute('aria-disabled');
  }
};

/** Runs the action when the form is submitted. `pressed` is the value of the button. */
export const onSubmit = (form: HTMLFormElement, action: (pressed: string) => Promise<Feedback>): void =>
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { submitter } = event;
    void act(form, () => action(submitter instanceof HTMLButtonElement ? submitter.value : ''));
  });
