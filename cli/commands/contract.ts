import { VendorId } from '../../domain/ids.js';
import { matching } from '../../shared/decoding.js';
import { SECOND_MS } from '../../shared/time.js';
import { command, flag, required } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { confirm, type Terminal } from '../terminal.js';

const TIMEOUT_MS = 30 * SECOND_MS;

const Domain = matching(/^(?=.{4,190}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain in lower case, such as example.org');

const confirmCheck = async ({ canAsk }: Terminal, baseUrl: string): Promise<void> => {
  if (!canAsk)
    throw wrongUsage({ field: '--yes', expected: 'this option, because the command cannot ask for confirmation' });
  if (!(await confirm(`Create a registration at ${baseUrl}, which can cost credits?`)))
    throw new CliFailure('interrupted', 'nothing was created');
};

export const contract = command({
  name: 'contract',
  describe: "Compare Verifik's responses with those that the product expects. Run it before going live.",
  options: {
    project: required('<id>', "Verifik's id of the project", VendorId),
    projectFlow: required('<id>', "Verifik's id of the project flow", VendorId),
    email: required('<domain>', "the domain of the invented applicant's email", Domain),
    yes: flag('do not ask for confirmation'),
  },
  examples: {
    'verifik-onboarding contract --project 65f0… --project-flow 65f1… --email example.com':
      'Asks for confirmation, because it creates a registration. Exits with 1 if a response differs.',
    'verifik-onboarding contract --project 65f0… --project-flow 65f1… --email example.com --yes --json':
      'The paths and types that differ or are unknown, as JSON.',
  },
  run: async (
    { options: { project, projectFlow, email: domain, yes }, call: { timeoutMs = TIMEOUT_MS }, show },
    { terminal, config, exitWith },
  ) => {
    const settings = await config();
    if (yes !== true) await confirmCheck(terminal, settings.verifikBaseUrl);
    const { contractLines, runContract } = await import('../contract/report.js');
    const report = await runContract(settings, { project, projectFlow, domain }, timeoutMs);
    show(report, contractLines(terminal, report));
    exitWith(report.ok ? 'ok' : 'failed');
  },
});
