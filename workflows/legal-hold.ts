import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { holdQuery, type LegalHold, type LiftedHold, liftHoldUpdate, workflowIdOfHold } from '../contract/messages.js';
import { decodeLegalHold, decodeLift, type LegalHoldInput } from '../domain/legal-hold.js';
import { invalidRequest, orThrow } from './shared/decoding.js';
import { moment } from './shared/format-utc.js';

/**
 * Keeps a customer's onboardings from being erased for as long as it runs. A cancellation does not end it: only a lift does, which
 * says by whom.
 *
 * @throws ApplicationFailure `InvalidRequest`: such a hold holds nothing.
 */
export async function legalHold(input: LegalHoldInput): Promise<LiftedHold> {
  const read = orThrow(decodeLegalHold(input));
  refuseAnotherId(read);
  const placed: LegalHold = { ...read, placedAt: workflowInfo().startTime.getTime() };
  setCurrentDetails(details(placed));
  // A promise that belongs to no cancellation scope.
  const lift = await new Promise<LiftedHold>((resolve) => openToMessages(placed, resolve));
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return lift;
}

const openToMessages = (placed: LegalHold, onLift: (lift: LiftedHold) => void): void => {
  let lift: LiftedHold | undefined;
  setHandler(holdQuery, () => ({ ...placed, ...lift }), {
    description:
      'Who placed the legal hold, when and why and, once it is lifted, who lifted it and when. Takes no input.',
  });
  setHandler(
    liftHoldUpdate,
    (args) => {
      const { liftedBy } = orThrow(decodeLift(args));
      lift ??= { placedBy: placed.placedBy, placedAt: placed.placedAt, liftedBy, liftedAt: Date.now() };
      setCurrentDetails(details(placed, lift));
      onLift(lift);
      return lift;
    },
    {
      validator: (args) => {
        orThrow(decodeLift(args));
      },
      description:
        'Lifts the legal hold, so that the customer may be erased. Send the id of who lifts it: {"liftedBy": "counsel-2"}.',
    },
  );
};

/** Holds are looked for by their workflow id: under another one, a hold would seem to be set and be passed over. */
const refuseAnotherId = ({ reference }: LegalHoldInput): void => {
  if (workflowInfo().workflowId !== workflowIdOfHold(reference))
    throw invalidRequest([{ field: 'workflowId', expected: 'legal-hold- and the reference' }]);
};

/**
 * The hold as the Markdown that the Temporal UI shows for a workflow. Without the reason, which people write: the UI has its server
 * render it, by an address that lands in that server's log.
 */
const details = ({ reference, placedBy, placedAt }: LegalHold, lift?: LiftedHold): string =>
  [
    lift === undefined
      ? `**Nothing of ${reference} may be erased.**`
      : `**Lifted** by ${lift.liftedBy}, ${moment(lift.liftedAt)}: ${reference} may be erased.`,
    `Placed by ${placedBy}, ${moment(placedAt)}.`,
    ...(lift === undefined ? ['What may be done:\n\n- Lift it, with the update liftHold.'] : []),
  ].join('\n\n');
