import type { StartedOnboarding } from '../../client/index.js';
import type { Terminal } from '../terminal.js';
import { moment } from './moments.js';
import { plain } from './plain.js';

/** What is shown of a registration: everything but the token, which is the applicant's secret. */
export const withoutToken = ({ workflowId, appRegistrationId, expiresAt, generation }: StartedOnboarding) => ({
  workflowId,
  appRegistrationId,
  expiresAt,
  generation,
});

/** Tells of a registration, and how its token is had. */
export const showRegistration = (terminal: Terminal, started: StartedOnboarding, json: boolean): void => {
  const shown = withoutToken(started);
  if (json) {
    terminal.json(shown);
    return;
  }
  const { workflowId, appRegistrationId, expiresAt } = shown;
  terminal.line(`onboarding    ${plain(workflowId)}`);
  terminal.line(`registration  ${plain(appRegistrationId)}`);
  terminal.line(`token         not shown, good until ${moment(expiresAt, Date.now())}`);
  terminal.note(`The token, for the applicant's device: onboarding token ${plain(workflowId)}`);
};
