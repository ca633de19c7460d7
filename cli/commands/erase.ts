import * as t from 'io-ts';
import { Reference } from '../../domain/request.js';
import { confirms } from '../asking.js';
import { addCommand } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import type { CommandGroup } from '../groups.js';
import { moment } from '../showing/moments.js';
import { plain } from '../showing/plain.js';
import type { Terminal } from '../terminal.js';

const makeSure = async ({ canAsk }: Terminal, reference: string): Promise<void> => {
  if (!canAsk) throw wrongUsage({ field: '--yes', expected: 'it, as nobody can be asked whether to erase' });
  if (!(await confirms(`Erase everything that Temporal has of ${reference}? It cannot be had again.`)))
    throw new CliFailure('interrupted', 'nothing was erased');
};

/** `onboarding erase`. */
export const addErase: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'erase',
    describe: "Delete everything that Temporal has of a customer's onboardings. Keep the receipt.",
    options: [
      { flags: '--reference <reference>', describe: 'your own reference of the customer' },
      { flags: '--yes', describe: 'do not ask' },
    ],
    codec: t.intersection([t.type({ reference: Reference }), t.partial({ yes: t.boolean })]),
    examples: [
      ['onboarding erase --reference customer-4711', 'Asks before it does.'],
      ['onboarding erase --reference customer-4711 --yes --json > receipt.json', 'The receipt as JSON.'],
    ],
    run: async ({ options: { reference, yes, json, timeoutMs } }) => {
      if (yes !== true) await makeSure(terminal, reference);
      const client = await connect({ timeoutMs });
      const receipt = await client.erase(reference, timeoutMs === undefined ? {} : { timeoutMs });
      if (json) return terminal.json(receipt);
      terminal.line(`erased         ${plain(receipt.reference)}`);
      terminal.line(`at             ${moment(receipt.erasedAt, Date.now())}`);
      terminal.line(`runs           ${receipt.runs}`);
      terminal.line(`registrations  ${receipt.appRegistrationIds.map(plain).join(', ') || 'none was known'}`);
      for (const kept of receipt.stillKept) terminal.line(`still kept     ${plain(kept)}`);
    },
  });
