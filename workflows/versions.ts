import { patched, workflowInfo } from '@temporalio/workflow';
import * as t from 'io-ts';

/** What onboardings do otherwise than those before them, by the id of its patch: the version of those that begin with it. */
const CHANGES = {
  'hand-over-what-is-recorded': 1,
  'publish-new-contact': 1,
  'publish-when-delayed': 1,
  'reads-set-pace': 1,
} as const;

export type Versioned = keyof typeof CHANGES;

const Begun = t.type({ version: t.number });

/** Whether an onboarding that was begun with this input asks its history how to go on. */
export const asksForPatches = (input: unknown): boolean =>
  Object.values(CHANGES).some((since) => !Begun.is(input) || input.version < since);

/**
 * Whether an onboarding that was begun with this version does it in the new way. One from before does from where `patched` first says so,
 * which costs two events.
 */
export const isChanged = (what: Versioned, begunWith = 0): boolean => {
  if (begunWith < CHANGES[what]) return patched(what);
  // A marker in the history is of a worker that did not know of the version.
  if (workflowInfo().unsafe.isReplaying) patched(what);
  return true;
};
