import * as t from 'io-ts';
import { Reference } from '../../domain/request.js';
import { addCommand, type CommandGroup } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { formatTime, plain } from '../format/text.js';
import { confirm, type Terminal } from '../terminal.js';

const confirmErasure = async ({ canAsk }: Terminal, reference: string): Promise<void> => {
  if (!canAsk)
    throw wrongUsage({ field: '--yes', expected: 'this option, because the command cannot ask for confirmation' });
  if (!(await confirm(`Erase all onboardings of ${reference} from Temporal? This cannot be undone.`)))
    throw new CliFailure('interrupted', 'nothing was erased');
};

export const addErase: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'erase',
    describe: "Delete all of a customer's onboardings from Temporal. Keep the receipt.",
    options: [
      { flags: '--reference <reference>', describe: 'your own reference for the customer' },
      { flags: '--yes', describe: 'do not ask for confirmation' },
    ],
    codec: t.intersection([t.type({ reference: Reference }), t.partial({ yes: t.boolean })]),
    examples: [
      ['onboarding erase --reference customer-4711', 'Asks for confirmation.'],
      ['onboarding erase --reference customer-4711 --yes --json > receipt.json', 'The receipt as JSON.'],
    ],
    run: async ({ options: { reference, yes, json, timeoutMs } }) => {
      if (yes !== true) await confirmErasure(terminal, reference);
      const client = await connect({ timeoutMs });
      const receipt = await client.erase(reference, timeoutMs === undefined ? {} : { timeoutMs });
      if (json) return terminal.json(receipt);
      terminal.line(`erased         ${plain(receipt.reference)}`);
      terminal.line(`at             ${formatTime(receipt.erasedAt, Date.now())}`);
      terminal.line(`runs           ${receipt.runs}`);
      terminal.line(`registrations  ${receipt.appRegistrationIds.map(plain).join(', ') || 'none'}`);
      for (const kept of receipt.stillKept) terminal.line(`still kept     ${plain(kept)}`);
    },
  });
