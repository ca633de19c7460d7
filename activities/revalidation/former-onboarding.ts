import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import * as t from 'io-ts';
import type { Callbacks } from '../../contract/messages.js';
import { DecisionCodec } from '../../domain/outcome-codecs.js';
import type { Policy } from '../../domain/policy/policy.js';
import { defined } from '../../shared/defined.js';

/** The onboarding whose outcome is no longer valid. */
export interface Former {
  readonly workflowId: string;
  readonly runId: string;
  /** The customer's reference or, without one, the part of the workflow id in its place. */
  readonly customer: string;
}

/** The parts of an onboarding that its repetition keeps, so that the new outcome ends and is announced likewise. */
export interface KeptTerms {
  readonly policy: Pick<Policy, 'verifiedForMs' | 'validityNoticeMs'>;
  readonly callbacks?: Callbacks;
}

const Input = t.partial({ callbacks: t.type({ endpoint: t.string, id: t.string }) });

/** Reads what the repetition of an onboarding keeps; `undefined` if the onboarding has been erased. */
export const keptTerms = async (temporal: Client, { workflowId, runId }: Former): Promise<KeptTerms | undefined> => {
  try {
    const { events = [] } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const started = events?.at(0)?.workflowExecutionStartedEventAttributes?.input?.payloads;
    const completed = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads;
    const { loadedDataConverter } = temporal.options;
    const [input] = await decodeArrayFromPayloads(loadedDataConverter, started);
    const [decision] = await decodeArrayFromPayloads(loadedDataConverter, completed);
    const { verifiedForMs, validityNoticeMs } = DecisionCodec.is(decision) ? decision.policy : {};
    return {
      policy: defined({ verifiedForMs, validityNoticeMs }),
      ...defined({ callbacks: Input.is(input) ? input.callbacks : undefined }),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
};
