import type { LegalHold } from '../../client/index.js';
import { PersonId, Reference } from '../../domain/ids.js';
import { textUpTo } from '../../shared/decoding.js';
import { defined } from '../../shared/defined.js';
import { command, group, option, required } from '../command.js';
import { CliFailure } from '../failures.js';
import { formatTime, plain } from '../format/text.js';

const REFERENCE = required('<reference>', 'your own reference for the customer', Reference);

const BY = required('<id>', "the person's id in your own system: never a name or an email", PersonId);

const holdLines = ({ reference, placedBy, placedAt, reason }: LegalHold): readonly string[] => [
  `hold       ${plain(reference)}`,
  `placed by  ${plain(placedBy)}`,
  `placed     ${formatTime(placedAt, Date.now())}`,
  ...(reason === undefined ? [] : [`reason     ${plain(reason)}`]),
];

const place = command({
  name: 'place',
  describe: 'Keep everything of a customer from being erased, until the hold is lifted.',
  options: {
    reference: REFERENCE,
    by: BY,
    reason: option('<text>', 'the reason, for people: never personal data', textUpTo(2000)),
  },
  examples: {
    'verifik-onboarding hold place --reference customer-4711 --by counsel-2 --reason "case 26-1034"':
      'A hold that is set already does not change.',
  },
  run: async ({ options: { reference, by, reason }, json, call, show }, { terminal, connect }) => {
    const request = { placedBy: by, ...defined({ reason }) };
    const hold = await (await connect(call)).placeLegalHold(reference, request);
    show(hold, holdLines(hold));
    const isOther = hold.placedBy !== by || hold.reason !== reason;
    if (isOther && !json) terminal.note('This hold was set already, and has not changed.');
  },
});

const showOne = command({
  name: 'show',
  describe: "Show a customer's legal hold.",
  options: { reference: REFERENCE },
  examples: { 'verifik-onboarding hold show --reference customer-4711': 'Exits with 3 if no hold is set.' },
  run: async ({ options: { reference }, call, show }, { connect }) => {
    const hold = await (await connect(call)).legalHold(reference);
    if (hold === undefined) throw new CliFailure('notFound', 'no legal hold is set on this reference');
    show(hold, holdLines(hold));
  },
});

const lift = command({
  name: 'lift',
  describe: "Lift a customer's legal hold.",
  options: { reference: REFERENCE, by: BY },
  examples: { 'verifik-onboarding hold lift --reference customer-4711 --by counsel-2': 'May be repeated.' },
  run: async ({ options: { reference, by }, call, show }, { connect }) => {
    const lifted = await (await connect(call)).liftLegalHold(reference, { liftedBy: by });
    show({ reference, ...lifted }, [
      ...holdLines({ reference, ...lifted }),
      `lifted by  ${plain(lifted.liftedBy)}`,
      `lifted     ${formatTime(lifted.liftedAt, Date.now())}`,
    ]);
  },
});

export const hold = group('hold', 'Manage legal holds, which keep customers from being erased.', [
  place,
  showOne,
  lift,
]);
