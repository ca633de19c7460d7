import type { RegistrationStanding } from '../../sandbox/index.js';
import type { Member } from '../personas.js';

/** What an onboarding came to, as the API tells it. */
export interface ToldOutcome {
  readonly outcome: string;
  readonly reason: string;
  readonly appRegistrationId?: string;
}

/** One callback, or one that had no good signature. In the order in which they came. */
export type Heard =
  | { readonly refused: string }
  | {
      readonly messageId: string;
      readonly event: {
        readonly type: string;
        readonly data: {
          readonly id: string;
          readonly sequence: number;
          readonly check?: string;
          readonly decision?: { readonly outcome: string; readonly reason: string };
        };
      };
    };

/** A place that was searched for what may not be there. */
export interface Searched {
  readonly where: string;
  readonly file: string;
  readonly bytes: number;
  /** Whether the search found what has to be there, if anything has: otherwise it saw nothing at all. */
  readonly seesMarker: boolean;
  /** What was found that may not be there. */
  readonly found: readonly string[];
}

/** One run of a workflow that Temporal knows, replayed from its history with the code that is deployed. */
export interface Replayed {
  readonly workflowId: string;
  readonly events: number;
  /** Where the code does something else than the history has it: what. */
  readonly mismatch?: string;
}

/** All that the judge knows. Nothing of it comes from the code that is judged, but for what its API and its callbacks said. */
export interface Evidence {
  readonly cast: readonly Member[];
  /** By reference: what stopped an applicant that should not have. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly vendor: {
    readonly standings: readonly RegistrationStanding[];
    /** By email address: how many registrations were created. */
    readonly createdByContact: Readonly<Record<string, number>>;
    /** By id: how often a registration was made anew though its email or phone had passed. */
    readonly discardedByRegistration: Readonly<Record<string, number>>;
  };
  /** By reference: what the API says in the end; none where there is no outcome. */
  readonly outcomes: ReadonlyMap<string, ToldOutcome>;
  readonly heard: readonly Heard[];
  readonly searched: readonly Searched[];
  /** Every history that Temporal has: of onboardings, and of what else has been a workflow. */
  readonly replayed: readonly Replayed[];
  /** By reference: the id of the onboarding's workflow. */
  readonly workflowIds: ReadonlyMap<string, string>;
  /** Whether what has to be in Temporal's database was found there. */
  readonly databaseIsRead: boolean;
}
