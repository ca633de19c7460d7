import type { PageContext } from './context.js';
import { element, findAll, make } from './dom.js';
import { act, type Feedback, formAt, input, onSubmit, tick, ticked } from './forms.js';
import { control, feedbackOf } from './http.js';
import { at, entriesAt } from './json.js';

/** The settings that the webhook checkboxes change. */
const SWITCHES = {
  lost: { setting: 'webhookLossRate', off: 0, on: 0.5 },
  repeated: { setting: 'webhookCopies', off: 1, on: 3 },
  late: { setting: 'webhookDelayMs', off: 0, on: 5_000 },
  forged: { setting: 'webhookForgeryRate', off: 0, on: 0.5 },
} as const;

/** Formats a setting. The path of the webhook URL is hidden, because it may contain a secret. */
const format = (name: string, value: unknown): string =>
  name === 'webhookUrl' && typeof value === 'string' ? `${new URL(value).origin}/…` : JSON.stringify(value);

const showSettings = (settings: unknown): void => {
  element('#settings').replaceChildren(
    ...entriesAt(settings).map(([name, value]) =>
      make('div', {}, make('dt', {}, name), make('dd', {}, format(name, value))),
    ),
  );
};

const readSettings = async (): Promise<void> => {
  const { ok, body } = await control('GET', '/settings');
  if (!ok) return;
  showSettings(body);
  for (const [name, { setting, off }] of Object.entries(SWITCHES))
    tick(formAt('#webhooks'), name, () => (at(body, setting) ?? off) !== off);
};

/** Runs the action on every change of the form. The actions run in order, so that the last choice wins. */
const onChange = (form: HTMLFormElement, action: () => Promise<Feedback>): void => {
  let previous: Promise<void> = Promise.resolve();
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => {
    previous = previous.then(() => act(form, action));
  });
};

const addFaults = ({ config }: PageContext): void => {
  const form = formAt('#faults');
  void control('GET', '/faults').then(({ body }) => {
    const on = JSON.stringify(at(body, 'on'));
    const [name = ''] = config.faultProfiles.find(([, faults]) => JSON.stringify(faults) === on) ?? [];
    tick(form, 'profile', (value) => value === name);
  });
  onChange(form, async () => {
    const [profile = 'calm'] = ticked(form, 'profile');
    const [, faults] = config.faultProfiles.find(([name]) => name === profile) ?? [];
    return feedbackOf(await control('PUT', '/faults', faults ?? []), `Verifik’s API is ${profile} now.`);
  });
};

const addWebhooks = (): void => {
  const form = formAt('#webhooks');
  onChange(form, async () => {
    const change = Object.entries(SWITCHES).map(([name, { setting, on, off }]) => [
      setting,
      input(form, name).checked ? on : off,
    ]);
    const answer = await control('PATCH', '/settings', Object.fromEntries(change));
    if (answer.ok) showSettings(answer.body);
    const on = findAll(HTMLInputElement, 'input:checked', form).map(({ name }) => name);
    return feedbackOf(answer, `Webhooks are ${on.length === 0 ? 'sound' : on.join(', ')} now.`);
  });
};

const DONE: Readonly<Record<string, string>> = {
  forget: 'Verifik has forgotten the registration. Its token is void and its validations are deleted.',
  approve: 'A reviewer at Verifik has approved the registration.',
  reject: 'A reviewer at Verifik has rejected the registration.',
};

const addRegistrationControls = ({ onboarding }: PageContext): void => {
  const form = formAt('#forget');
  onboarding.subscribe((current) => {
    form.hidden = current?.live === undefined;
  });
  onSubmit(form, async (what) => {
    const [action, body] = what === 'forget' ? ['forget', {}] : ['resolve', { decision: what }];
    const path = `/registrations/${onboarding.get()?.live?.appRegistrationId}/${action}`;
    return feedbackOf(await control('POST', path, body), DONE[what] ?? 'Done.');
  });
};

/** Sets up the controls of Verifik's side: faults, webhooks and reviews. */
export const addVendorSide = (context: PageContext): void => {
  addFaults(context);
  addWebhooks();
  addRegistrationControls(context);
  void readSettings();
  context.onboarding.subscribe(() => void readSettings());
};
