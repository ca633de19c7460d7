import { condition, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import * as t from 'io-ts';
import type { HandOverActivities } from '../contract/activities.js';
import { type Validity, verifiedSignal } from '../contract/validity.js';
import { HOUR_MS, SECOND_MS } from '../shared/time.js';
import { formatUtc } from './shared/format-utc.js';

const { handOverEvents } = proxyActivities<HandOverActivities>({
  summary: 'Hand the event over to the callbacks workflow',
  startToCloseTimeout: 10 * SECOND_MS,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: HOUR_MS },
});

const ValidityCodec: t.Type<Validity> = t.intersection([
  t.type({
    workflowId: t.string,
    callbacks: t.type({ endpoint: t.string, id: t.string }),
    onboardingRunId: t.string,
    validUntil: t.number,
    noticeMs: t.number,
    sequence: t.number,
  }),
  t.partial({ reference: t.string }),
]);

/**
 * Announces the end of a customer's last verified outcome: `onboarding.validity.ending` some time before, and
 * `onboarding.validity.ended` at the end. The signal of a later verified outcome replaces the end.
 */
export async function validity(): Promise<void> {
  let latest: Validity | undefined;
  setHandler(
    verifiedSignal,
    (next: unknown) => {
      // A signal sent by hand may have any argument, and the hand-over of the same outcome may be repeated.
      if (!ValidityCodec.is(next) || isSame(next, latest)) return;
      latest = next;
      setCurrentDetails(details(next));
    },
    {
      description:
        'Announces the end of a verified outcome. Onboardings whose policy has `validityNoticeMs` send this signal.',
    },
  );
  for (let current = latest; current !== undefined; current = latest) {
    const of = current;
    if (await isAnnounced(of, () => latest !== of)) return;
  }
}

const isSame = (a: Validity, b: Validity | undefined): boolean =>
  a.onboardingRunId === b?.onboardingRunId && a.validUntil === b.validUntil;

/** Announces the ending and the end at their times. Returns false if another outcome replaces this one before. */
const isAnnounced = async (of: Validity, isReplaced: () => boolean): Promise<boolean> => {
  const { workflowId, reference, callbacks, onboardingRunId, validUntil, noticeMs, sequence } = of;
  const phases = [
    { type: 'onboarding.validity.ending', dueAt: validUntil - noticeMs },
    { type: 'onboarding.validity.ended', dueAt: validUntil },
  ] as const;
  for (const [index, { type, dueAt }] of phases.entries()) {
    const waitMs = dueAt - Date.now();
    if (waitMs > 0) await condition(isReplaced, waitMs, { summary: `Until ${type}` });
    if (isReplaced()) return false;
    const events = [{ type, validUntil, sequence: sequence + 1 + index, at: Date.now() }];
    await handOverEvents({
      ...{ workflowId, callbacks, onboardingRunId, events },
      ...(reference === undefined ? {} : { reference }),
    });
  }
  return !isReplaced();
};

/** Returns the Markdown that the Temporal UI shows for the workflow. */
const details = ({ validUntil, noticeMs }: Validity): string =>
  `The outcome is valid until ${formatUtc(validUntil)}. Its service is notified after ${formatUtc(validUntil - noticeMs)} and at the end.`;
