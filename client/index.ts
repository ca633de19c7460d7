/** The client library: `import { OnboardingClient } from 'verifik-onboarding-client'`. */
export { signEvidence, type VerifiedEvidence, verifyEvidence } from '../codec/evidence/signature.js';
export { type EvidenceKeySettings, openSigningKeys, type SigningKeys } from '../codec/evidence/signing-keys.js';
export { type KeyProvider, KeyProviderError, type KeyRingSource, type WrappingKey } from '../codec/keys.js';
export type {
  ApplicantAnswer,
  Callbacks,
  EventsAnswer,
  LegalHold,
  LiftedHold,
  LiveRegistration,
  OnboardingResult,
  ReRegisterArgs,
  ValidationReport,
} from '../contract/messages.js';
export type {
  BatchProgress,
  BatchResult,
  BatchStatus,
  CancelArgs,
  StopReason,
} from '../contract/revalidation.js';
export type { OnboardingStatus } from '../contract/search-attributes.js';
export type { Change, OnboardingEvent, WireEvent } from '../domain/changes.js';
export type { CheckName } from '../domain/checks.js';
export type { Contact } from '../domain/contact.js';
export type { Evidence } from '../domain/evidence/evidence.js';
export type { LegalHoldRequest, LiftHoldArgs } from '../domain/legal-hold.js';
export type { Decision, Outcome, ReasonCode, Stop, Stopped } from '../domain/outcomes.js';
export type { Policy } from '../domain/policy/policy.js';
export type { OnboardingRequestInput } from '../domain/request.js';
export type { BatchCounts, Finding, OnboardingCounts, Step } from '../domain/revalidation/counts.js';
export type { Position, ScanProgress } from '../domain/revalidation/progress.js';
export type {
  BatchMode,
  BatchRequest,
  BatchRequestInput,
  BatchSource,
  Tariff,
} from '../domain/revalidation/request.js';
export type { BatchScheduleInput, Overlap } from '../domain/revalidation/schedule.js';
export type {
  ClaimReviewArgs,
  DecideReviewArgs,
  ReleaseReviewArgs,
  RequestAgainArgs,
} from '../domain/review/requests.js';
export type { Snapshot } from '../domain/snapshot.js';
export type { Deletion, ErasedAtVerifik } from '../domain/vendor-erasure.js';
export type { FieldError } from '../shared/decoding.js';
export type { CallOptions, WaitOptions } from './arguments.js';
export type { BatchFilter, ListedBatch } from './batches/batch-list.js';
export type { LiveBatchProgress } from './batches/batch-progress.js';
export { BatchClient, type BatchStartOptions, type StartedBatch } from './batches/batches.js';
export type { DescribedSchedule, ListedSchedule, ScheduledBatch } from './batches/schedule-description.js';
export { BatchSchedules, type CreatedSchedule, type NoteOptions } from './batches/schedules.js';
export {
  type ConnectedBatchClient,
  type ConnectedOnboardingClient,
  connectBatchClient,
  connectOnboardingClient,
} from './connect.js';
export type { Customer } from './customer.js';
export { type EncryptionOptions, onboardingDataConverter } from './encryption.js';
export type { EraseOptions, ErasureReceipt } from './erasure/erasure.js';
export {
  CLIENT_ERRORS,
  type Erased,
  type NotFoundSubject,
  OnboardingError,
  type OnboardingErrorType,
} from './errors.js';
export type { CallbacksInput } from './events.js';
export type { EvidenceOptions } from './evidence.js';
export type { Funnel, FunnelFilter } from './lists/funnel.js';
export type { ListedOnboarding, ListFilter } from './lists/list.js';
export type { ListPage, PageOptions } from './lists/list-page.js';
export type { ListedReview, ReviewFilter, ReviewPage } from './lists/review-list.js';
export { OnboardingClient } from './onboarding-client.js';
export type { BatchClientOptions, ConnectBatchOptions, ConnectOptions, OnboardingClientOptions } from './options.js';
export type { StartedOnboarding, StartOptions } from './start.js';
