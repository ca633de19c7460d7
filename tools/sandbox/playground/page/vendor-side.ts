import { control, controlSaid } from './controls.js';
import { element, find, findAll, make } from './dom.js';
import { act, input, onSubmit, type Said, tick, ticked } from './forms.js';
import { at, entriesAt } from './reading.js';
import type { Stage } from './stage.js';

/** What each switch of the webhooks sets, off and on. */
const SWITCHES = {
  lost: { setting: 'webhookLossRate', off: 0, on: 0.5 },
  repeated: { setting: 'webhookCopies', off: 1, on: 3 },
  late: { setting: 'webhookDelayMs', off: 0, on: 5_000 },
  forged: { setting: 'webhookForgeryRate', off: 0, on: 0.5 },
} as const;

/** A setting as it is shown: of the address of the webhooks, not the path, which may hold a secret. */
const shown = (name: string, value: unknown): string =>
  name === 'webhookUrl' && typeof value === 'string' ? `${new URL(value).origin}/…` : JSON.stringify(value);

const showSettings = (settings: unknown): void => {
  element('#settings').replaceChildren(
    ...entriesAt(settings).map(([name, value]) =>
      make('div', {}, make('dt', {}, name), make('dd', {}, shown(name, value))),
    ),
  );
  for (const [name, { setting, off }] of Object.entries(SWITCHES))
    input(find(HTMLFormElement, '#webhooks'), name).checked = (at(settings, setting) ?? off) !== off;
};

const readSettings = async (): Promise<void> => {
  const { ok, body } = await control('GET', '/settings');
  if (ok) showSettings(body);
};

/** Acts on every change of the form, in order: whoever walks through choices by the keyboard ends up with the last one. */
const onChange = (form: HTMLFormElement, action: () => Promise<Said>): void => {
  let before: Promise<void> = Promise.resolve();
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => {
    before = before.then(() => act(form, action));
  });
};

const addFaults = ({ config }: Stage): void => {
  const form = find(HTMLFormElement, '#faults');
  void control('GET', '/faults').then(({ body }) => {
    const on = JSON.stringify(at(body, 'on'));
    const [name = ''] = config.faultProfiles.find(([, faults]) => JSON.stringify(faults) === on) ?? [];
    tick(form, 'profile', name);
  });
  onChange(form, async () => {
    const [profile = 'calm'] = ticked(form, 'profile');
    const [, faults] = config.faultProfiles.find(([name]) => name === profile) ?? [];
    return controlSaid(await control('PUT', '/faults', faults ?? []), `Verifik’s API is ${profile} now.`);
  });
};

const addWebhooks = (): void => {
  const form = find(HTMLFormElement, '#webhooks');
  onChange(form, async () => {
    const change = Object.entries(SWITCHES).map(([name, { setting, on, off }]) => [
      setting,
      input(form, name).checked ? on : off,
    ]);
    const answer = await control('PATCH', '/settings', Object.fromEntries(change));
    if (answer.ok) showSettings(answer.body);
    const on = findAll(HTMLInputElement, 'input:checked', form).map(({ name }) => name);
    return controlSaid(answer, `Webhooks are ${on.length === 0 ? 'sound' : on.join(', ')} now.`);
  });
};

const DONE: Readonly<Record<string, string>> = {
  forget: 'Verifik has forgotten the registration: its token is void, and its validations are gone.',
  approve: 'Verifik’s people have approved the registration.',
  reject: 'Verifik’s people have rejected the registration.',
};

const addRegistrationControls = ({ onboarding }: Stage): void => {
  const form = find(HTMLFormElement, '#forget');
  onboarding.follow((current) => {
    form.hidden = current?.live === undefined;
  });
  onSubmit(form, async (what) => {
    const path = `/registrations/${onboarding.get()?.live?.appRegistrationId}`;
    const answer =
      what === 'forget'
        ? await control('POST', `${path}/forget`, {})
        : await control('POST', `${path}/resolve`, { decision: what });
    return controlSaid(answer, DONE[what] ?? 'Done.');
  });
};

/** How Verifik behaves: its faults, its webhooks, and what its people do. */
export const addVendorSide = (stage: Stage): void => {
  addFaults(stage);
  addWebhooks();
  addRegistrationControls(stage);
  void readSettings();
  stage.onboarding.follow(() => void readSettings());
};
