import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { invalidRequest, orThrow } from '../contract/failures.js';
import { holdQuery, type LegalHold, type LiftedHold, liftHoldUpdate, workflowIdOfHold } from '../contract/messages.js';
import { decodeLegalHold, decodeLift, type LegalHoldInput } from '../domain/legal-hold.js';
import { code } from '../shared/markdown.js';
import { formatUtc } from './shared/format-utc.js';

/**
 * Keeps a customer's onboardings from being erased while it runs. Ignores cancellation: only the update `liftHold` ends
 * it, which names the person responsible.
 *
 * @throws ApplicationFailure `InvalidRequest` if the input or the workflow id is invalid. The hold then has no effect.
 */
export async function legalHold(input: LegalHoldInput): Promise<LiftedHold> {
  const decoded = orThrow(decodeLegalHold(input));
  requireMatchingWorkflowId(decoded);
  const placed: LegalHold = { ...decoded, placedAt: workflowInfo().startTime.getTime() };
  setCurrentDetails(details(placed));
  // A plain promise belongs to no cancellation scope.
  const lift = await new Promise<LiftedHold>((resolve) => registerHandlers(placed, resolve));
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return lift;
}

const registerHandlers = (placed: LegalHold, onLift: (lift: LiftedHold) => void): void => {
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
        'Lifts the legal hold, so that the customer may be erased. Send the id of the person who lifts it: {"liftedBy": "counsel-2"}.',
    },
  );
};

/** Erasure finds holds by their workflow id: it would ignore a hold with another id. */
const requireMatchingWorkflowId = ({ reference }: LegalHoldInput): void => {
  if (workflowInfo().workflowId !== workflowIdOfHold(reference))
    throw invalidRequest([{ field: 'workflowId', expected: 'legal-hold- followed by the reference' }]);
};

/**
 * Returns the Markdown that the Temporal UI shows for the workflow. It omits the reason, which may contain personal
 * data: the UI puts the text into a URL that its server logs.
 */
const details = ({ reference, placedBy, placedAt }: LegalHold, lift?: LiftedHold): string =>
  [
    lift === undefined
      ? `**Nothing of ${code(reference)} may be erased.**`
      : `**Lifted** by ${code(lift.liftedBy)}, ${formatUtc(lift.liftedAt)}: ${code(reference)} may be erased.`,
    `Placed by ${code(placedBy)}, ${formatUtc(placedAt)}.`,
    ...(lift === undefined ? ['Next actions:\n\n- Lift the hold with the update `liftHold`.'] : []),
  ].join('\n\n');
