import { addBackend } from './backend.js';
import { createStore, type Onboarding, type PageContext, type Progress, readConfig, readProgress } from './context.js';
import { element, find, findAll, focusOn, keepFocus } from './dom.js';
import { showText } from './forms.js';
import { addFunnel } from './funnel.js';
import { readSnapshot, renewToken } from './gateway.js';
import { send } from './http.js';
import { createInbox } from './inbox.js';
import { addLive } from './live.js';
import { addPhone } from './phone.js';
import { addReviewer } from './reviewer.js';
import { addStart } from './start-form.js';
import { addVendorSide } from './vendor-side.js';

/** Opens the onboarding in the page's address, after a reload or from a link. */
const openFromAddress = async ({ onboarding }: PageContext): Promise<void> => {
  const id = new URLSearchParams(location.hash.slice(1)).get('onboarding');
  if (!id || id === onboarding.get()?.id) return;
  onboarding.set({ id });
  const found = await readSnapshot(id);
  if (!found.ok || readProgress(found.body).over) return;
  const { live } = await renewToken(id);
  if (live !== undefined && onboarding.get()?.id === id) onboarding.set({ id, live });
};

/** Disables the forms when the onboarding has ended. If one of them had the focus, the outcome gets it. */
const disableWhenEnded = ({ progress }: PageContext): void =>
  progress.subscribe((now) => {
    const over = now?.over === true;
    keepFocus(element('#awaiting'), () => {
      for (const fieldset of findAll(HTMLFieldSetElement, '#phone fieldset, #backend fieldset'))
        fieldset.disabled = over;
      element('#phone').classList.toggle('over', over);
    });
    element('#phone-note').textContent = over
      ? 'The onboarding has ended. There is nothing left to do on this phone.'
      : 'This phone has only the registration token. Verifik reports its checks to the backend by webhooks.';
  });

/** Clears feedback and fields when the page shows another onboarding. */
const clearForAnother = ({ onboarding }: PageContext): void => {
  let previous: string | undefined;
  onboarding.subscribe((current) => {
    if (current?.id === previous) return;
    previous = current?.id;
    for (const form of findAll(HTMLFormElement, '#phone form, #backend form, #reviewer form')) showText(form, '');
    for (const field of findAll(HTMLInputElement, '#phone input')) field.value = '';
  });
};

const addWithGateway = (context: PageContext): void => {
  addStart(context);
  addLive(context);
  addPhone(context);
  addBackend(context);
  addFunnel();
  addReviewer(context);
  disableWhenEnded(context);
  clearForAnother(context);
  window.addEventListener('hashchange', () => void openFromAddress(context));
  void openFromAddress(context);
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
  // The fragment names the onboarding, so the skip link must not change it.
  find(HTMLAnchorElement, '.skip').addEventListener('click', (event) => {
    event.preventDefault();
    focusOn(element('#main'));
  });
  const { ok, body } = await send('GET', '/playground/config.json');
  if (!ok) {
    element('#news').textContent = 'The sandbox does not respond. Start it and reload this page.';
    return;
  }
  const context: PageContext = {
    config: readConfig(body),
    onboarding: createStore<Onboarding | undefined>(undefined),
    progress: createStore<Progress | undefined>(undefined),
  };
  if (context.config.gateway) addWithGateway(context);
  else addWithoutGateway();
  addVendorSide(context);
  document.documentElement.dataset['ready'] = 'true';
};

void run();
