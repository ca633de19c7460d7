/** Finds an element. Throws if it is missing, because page and script do not match then. */
export const find = <E extends Element>(type: new () => E, selector: string, within: ParentNode = document): E => {
  const found = within.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}.`);
  return found;
};

export const element = (selector: string, within?: ParentNode): HTMLElement => find(HTMLElement, selector, within);

export const findAll = <E extends Element>(
  type: new () => E,
  selector: string,
  within: ParentNode = document,
): readonly E[] => [...within.querySelectorAll(selector)].filter((one): one is E => one instanceof type);

/** Creates an element. Strings become text, never markup. */
export const make = <T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[T] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

/** Sets a text. An unchanged one stays as it is, because a screen reader would announce it again. */
export const setText = (target: HTMLElement, text: string): void => {
  if (target.textContent !== text) target.textContent = text;
};

export const withCode = (text: string): readonly (Node | string)[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part));

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const CALENDAR = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** Formats a time in ms since the Unix epoch. */
export const clockTime = (moment: number): HTMLTimeElement =>
  make('time', { datetime: new Date(moment).toISOString() }, CLOCK.format(moment));

export const dateAndTime = (moment: number): string => CALENDAR.format(moment);

const RELATIVE = new Intl.RelativeTimeFormat('en-GB');
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** Formats a time relative to now in the largest unit that fits twice, such as `in 3 days` or `2 hours ago`. */
export const relativeTime = (moment: number): string => {
  const ms = moment - Date.now();
  const [unit, unitMs] = UNITS.find(([, length]) => Math.abs(ms) >= 2 * length) ?? UNITS[2];
  return RELATIVE.format(Math.round(ms / unitMs), unit);
};

/**
 * Runs a change of the page. If it hides or disables the element with the focus, `fallback` gets the focus: the browser
 * would drop it, and a screen reader would start at the top of the page.
 */
export const keepFocus = (fallback: HTMLElement, change: () => void): void => {
  const focused = document.activeElement;
  change();
  if (focused === null || focused === document.body) return;
  if (!focused.checkVisibility() || focused.matches(':disabled')) focusOn(fallback);
};

/** Moves the focus to an element and scrolls it into view, with regard to the user's motion preference. */
export const focusOn = (target: HTMLElement): void => {
  target.focus({ preventScroll: true });
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  target.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
};
