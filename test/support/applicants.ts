import type { OnboardingClient, OnboardingRequestInput, StartedOnboarding, StartOptions } from '../../client/index.js';
import type { CheckName } from '../../domain/checks.js';
import {
  type Applicant,
  type CheckResult,
  createApplicant,
  inventPeople,
  type Person,
  type Sandbox,
} from '../../tools/sandbox/index.js';

/** A started onboarding with its applicant's device. */
export interface Started extends StartedOnboarding {
  readonly person: Person;
  readonly applicant: Applicant;
}

/** Returns the report of a check that an applicant has done. */
export const reportOf = ({ status, validationId }: CheckResult) => ({ status, validationId });

type Reported = Pick<Started, 'workflowId' | 'applicant'>;

/** Onboards people at a sandbox. */
export interface Applicants {
  request(person: Person, change?: Partial<OnboardingRequestInput>): OnboardingRequestInput;
  /** Returns the applicant's device with a registration token. */
  applicantWith(person: Person, token: string): Applicant;
  /** Starts an onboarding under a reference or with options, and does and reports the checks. */
  begin(person: Person, options: string | StartOptions, ...checks: CheckName[]): Promise<Started>;
  /** Does checks as the applicant, and reports each as the backend. */
  doAndReport(one: Reported, ...checks: readonly CheckName[]): Promise<void>;
  /** Does and reports checks, with a workflow task for each report. */
  doAndReportApart(one: Reported, ...checks: readonly CheckName[]): Promise<void>;
}

export const applicantsOf = (sandbox: Sandbox, client: OnboardingClient): Applicants => {
  const request: Applicants['request'] = ({ email, phone, countryCode, fullName }, change = {}) => ({
    project: sandbox.project,
    projectFlow: sandbox.projectFlow,
    contact: { email, phone, countryCode },
    fullName,
    ...change,
  });
  const applicantWith: Applicants['applicantWith'] = (person, token) =>
    createApplicant({ url: sandbox.url, token, project: sandbox.project, person });
  const doAndReport: Applicants['doAndReport'] = async ({ workflowId, applicant }, ...checks) => {
    for (const check of checks) await client.signalValidation(workflowId, check, reportOf(await applicant.pass(check)));
  };
  return {
    request,
    applicantWith,
    doAndReport,
    doAndReportApart: async (one, ...checks) => {
      for (const check of checks) {
        await doAndReport(one, check);
        // The query waits for the workflow task of the report.
        await client.status(one.workflowId);
      }
    },
    begin: async (person, options, ...checks) => {
      const started = await client.start(
        request(person),
        typeof options === 'string' ? { reference: options } : options,
      );
      const one = { ...started, person, applicant: applicantWith(person, started.token) };
      await doAndReport(one, ...checks);
      return one;
    },
  };
};

/** Returns a function that returns a new person each time. Its `tag` is added to the email and can force results. */
export const personGenerator = (seed: number, count = 50): ((tag?: string) => Person) => {
  const people = inventPeople(seed, count).values();
  return (tag) => {
    const person = people.next().value;
    if (person === undefined) throw new Error(`All ${count} invented people are in use.`);
    return tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };
  };
};
