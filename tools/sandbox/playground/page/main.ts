import { addBackend } from './backend.js';
import { element, find, findAll, focusOn } from './dom.js';
import { say } from './forms.js';
import { readSnapshot, renewToken } from './gateway.js';
import { send } from './http.js';
import { createInbox } from './inbox.js';
import { addLive } from './live.js';
import { addPhone } from './phone.js';
import { type Onboarding, type Progress, readConfig, readProgress, type Stage } from './stage.js';
import { addStart } from './start-form.js';
import { createStore } from './store.js';
import { addVendorSide } from './vendor-side.js';

const onboardingInAddress = (): string | undefined =>
  new URLSearchParams(location.hash.slice(1)).get('onboarding') || undefined;

/** Takes up the onboarding that the address names: after a reload, or from a link. */
const takeUp = async ({ onboarding }: Stage): Promise<void> => {
  const id = onboardingInAddress();
  if (id === undefined || id === onboarding.get()?.id) return;
  onboarding.set({ id });
  const found = await readSnapshot(id);
  if (!found.ok || readProgress(found.value).over) return;
  const renewed = await renewToken(id);
  if (renewed.ok && onboarding.get()?.id === id) onboarding.set({ id, live: renewed.value });
};

/** Nobody is left on a control that is closed: the news of the outcome is where to go on. */
const closeWhenOver = ({ progress }: Stage): void =>
  progress.follow((now) => {
    const over = now?.over === true;
    const closed = findAll(HTMLFieldSetElement, '#phone fieldset, #backend fieldset');
    const bereft = over && ['#phone', '#backend'].some((id) => element(id).contains(document.activeElement));
    for (const fieldset of closed) fieldset.disabled = over;
    element('#phone').classList.toggle('over', over);
    if (bereft) focusOn(element('#awaiting'));
    element('#phone-note').textContent = over
      ? 'The onboarding has ended: there is nothing more to do on this phone.'
      : 'All that this phone has is the registration’s token. What it does at Verifik reaches the backend by webhooks.';
  });

/** What was said and typed about one onboarding does not stand beside another. */
const clearForAnother = ({ onboarding }: Stage): void => {
  let former: string | undefined;
  onboarding.follow((current) => {
    if (current?.id === former) return;
    former = current?.id;
    for (const form of findAll(HTMLFormElement, '#phone form, #backend form')) say(form, '');
    for (const field of findAll(HTMLInputElement, '#phone input')) field.value = '';
  });
};

const addWithGateway = (stage: Stage): void => {
  addStart(stage);
  addLive(stage);
  addPhone(stage);
  addBackend(stage);
  closeWhenOver(stage);
  clearForAnother(stage);
  window.addEventListener('hashchange', () => void takeUp(stage));
  void takeUp(stage);
};

const addWithoutGateway = (): void => {
  for (const id of ['#no-gateway', '#all-messages']) element(id).hidden = false;
  createInbox({
    list: element('#all-messages-list'),
    empty: element('#all-messages-empty'),
    of: () => 'everybody',
  });
};

const run = async (): Promise<void> => {
  // The address stands for the onboarding: the link to the content must not change it.
  find(HTMLAnchorElement, '.skip').addEventListener('click', (event) => {
    event.preventDefault();
    focusOn(element('#main'));
  });
  const { ok, body } = await send('GET', '/playground/config.json');
  if (!ok) {
    element('#news').textContent = 'The sandbox does not answer. Load this page again when it runs.';
    return;
  }
  const stage: Stage = {
    config: readConfig(body),
    onboarding: createStore<Onboarding | undefined>(undefined),
    progress: createStore<Progress | undefined>(undefined),
  };
  if (stage.config.gateway) addWithGateway(stage);
  else addWithoutGateway();
  addVendorSide(stage);
  document.documentElement.dataset['ready'] = 'true';
};

void run();
