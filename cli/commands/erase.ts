import type { Deletion } from '../../client/index.js';
import { Reference } from '../../domain/ids.js';
import { command, flag, required } from '../command.js';
import { CliFailure, wrongUsage } from '../failures.js';
import { formatTime, plain } from '../format/text.js';
import { confirm, type Terminal } from '../terminal.js';

const confirmErasure = async ({ canAsk }: Terminal, reference: string, where: string): Promise<void> => {
  if (!canAsk)
    throw wrongUsage({ field: '--yes', expected: 'this option, because the command cannot ask for confirmation' });
  if (!(await confirm(`Erase all onboardings of ${reference} from ${where}? This cannot be undone.`)))
    throw new CliFailure('interrupted', 'nothing was erased');
};

const deletionLine = (deletion: Deletion): string => {
  const code = deletion.answer === 'refused' ? ` (${deletion.code})` : '';
  return `at Verifik     ${deletion.answer.padEnd(8)}  ${deletion.kind} ${plain(deletion.id)}${plain(code)}`;
};

export const erase = command({
  name: 'erase',
  describe: "Delete all of a customer's onboardings from Temporal. Keep the receipt.",
  options: {
    reference: required('<reference>', 'your own reference for the customer', Reference),
    atVerifik: flag("delete the customer's registrations, documents, selfies and person at Verifik as well"),
    yes: flag('do not ask for confirmation'),
  },
  examples: {
    'verifik-onboarding erase --reference customer-4711': 'Asks for confirmation.',
    'verifik-onboarding erase --reference customer-4711 --yes --json > receipt.json': 'The receipt as JSON.',
    'verifik-onboarding erase --reference customer-4711 --at-verifik':
      "Deletes the customer's data at Verifik as well.",
  },
  run: async ({ options: { reference, atVerifik = false, yes }, call, show }, { terminal, connect }) => {
    if (yes !== true) await confirmErasure(terminal, reference, atVerifik ? 'Temporal and Verifik' : 'Temporal');
    const receipt = await (await connect(call)).erase(reference, { ...call, atVerifik });
    show(receipt, [
      receipt.runs === 0
        ? `not found      ${plain(receipt.reference)}: Temporal has no onboarding under this reference`
        : `erased         ${plain(receipt.reference)}`,
      `at             ${formatTime(receipt.erasedAt, Date.now())}`,
      `runs           ${receipt.runs}`,
      `registrations  ${receipt.appRegistrationIds.map(plain).join(', ') || 'none'}`,
      ...(receipt.atVerifik ?? []).flatMap(({ deletions }) => deletions.map(deletionLine)),
      ...receipt.stillKept.map((kept) => `still kept     ${plain(kept)}`),
    ]);
  },
});
