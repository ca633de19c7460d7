import type { BadLine } from '../../domain/revalidation/lines.js';
import type { Position } from '../../domain/revalidation/progress.js';
import type { AppRegistrationListItem } from '../../verifik/index.js';
import type { Former } from './former-onboarding.js';

/** One registration of a source. */
export interface SourceEntry {
  readonly appRegistrationId: string;
  /** The project, by which to find the account at Verifik. `undefined`: the account of all other projects. */
  readonly project: string | undefined;
  /** The position of the scan after this entry. */
  readonly after: Position;
  /** True if the source contains the registration further up already. */
  readonly isRepeated?: boolean;
  /** The registration as contained in the vendor's list. */
  readonly listed?: AppRegistrationListItem;
  /** The onboarding whose outcome is no longer valid. */
  readonly former?: Former;
}

/** A page of a source. */
export interface SourcePage {
  readonly entries: readonly SourceEntry[];
  readonly bad: readonly BadLine[];
  /** The position after the page, which may be beyond its last entry, because filtered entries follow it. */
  readonly after: Position;
  /** The number of registrations in the source, as far as known. */
  readonly of: number;
}
