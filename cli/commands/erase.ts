import { Reference } from '../../domain/request.js';
import { command, flag, required } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { formatTime, plain } from '../format/text.js';
import { confirm, type Terminal } from '../terminal.js';

const confirmErasure = async ({ canAsk }: Terminal, reference: string): Promise<void> => {
  if (!canAsk)
    throw wrongUsage({ field: '--yes', expected: 'this option, because the command cannot ask for confirmation' });
  if (!(await confirm(`Erase all onboardings of ${reference} from Temporal? This cannot be undone.`)))
    throw new CliFailure('interrupted', 'nothing was erased');
};

export const erase = command({
  name: 'erase',
  describe: "Delete all of a customer's onboardings from Temporal. Keep the receipt.",
  options: {
    reference: required('<reference>', 'your own reference for the customer', Reference),
    yes: flag('do not ask for confirmation'),
  },
  examples: {
    'onboarding erase --reference customer-4711': 'Asks for confirmation.',
    'onboarding erase --reference customer-4711 --yes --json > receipt.json': 'The receipt as JSON.',
  },
  run: async ({ options: { reference, yes }, call, show }, { terminal, connect }) => {
    if (yes !== true) await confirmErasure(terminal, reference);
    const receipt = await (await connect(call)).erase(reference, call);
    show(receipt, [
      `erased         ${plain(receipt.reference)}`,
      `at             ${formatTime(receipt.erasedAt, Date.now())}`,
      `runs           ${receipt.runs}`,
      `registrations  ${receipt.appRegistrationIds.map(plain).join(', ') || 'none'}`,
      ...receipt.stillKept.map((kept) => `still kept     ${plain(kept)}`),
    ]);
  },
});
