import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { PUBLISH_CHECKS_WITHIN_MS, SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { CHECK_NAMES } from '../../domain/checks.js';
import { HOUR_MS } from '../../shared/time.js';
import { CREATE } from '../support/counted.js';
import { isRegistering, openWorld } from '../support/onboarding-world.js';
import { opened } from '../support/opened.js';

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

const world = opened(() => openWorld({}, { workflowThread: 'sdk' }));

/** Sends the query with which the Temporal UI displays a workflow. */
const metadata = (workflowId: string): Promise<Metadata> =>
  world.env.client.workflow.getHandle(workflowId).query('__temporal_workflow_metadata');

const details = async (workflowId: string): Promise<string> => (await metadata(workflowId)).currentDetails ?? '';

describe('the Temporal UI', () => {
  it('shows the next step with its deadline, each check, the registration and the available actions', async () => {
    const one = await world.begin();
    await world.doAndReport(one, 'email');
    const shown = await details(one.workflowId);
    for (const line of [
      /^\*\*The applicant has to/,
      /Awaited from the applicant\. The onboarding ends as expired if it is not through by \d{4}-\d\d-\d\d \d\d:\d\d UTC\./,
      /- \*\*email\*\*: 🔎 reported, not yet confirmed since/,
      /- \*\*document\*\*: ⬜ pending since/,
      new RegExp(`App registration \`${one.appRegistrationId}\` \\(inProgress\\), generation 1; token: live until`),
      /Last read at Verifik: never\./,
      /- Ask for a live token for the applicant \(update `registration`\)\./,
    ])
      expect(shown).toMatch(line);
  });

  it("shows the call stack if the worker has the SDK's workflow thread", async () => {
    const { workflowId } = await world.begin();
    const stack = await world.env.client.workflow.getHandle(workflowId).query<string>('__stack_trace');
    expect(stack).toMatch(/at runUntilDecided /);
  });

  it('shows the purpose of an onboarding in its static summary and details', async () => {
    const { workflowId } = await world.begin({
      policy: { required: ['email', 'document'], attemptLimits: { document: 2 } },
    });
    const described = await world.env.client.workflow.getHandle(workflowId).describe();
    expect(await described.staticSummary()).toBe('Onboarding at Verifik: email, document');
    const details = await described.staticDetails();
    const open = await world.env.client.workflow.getHandle((await world.begin()).workflowId).describe();
    expect(await open.staticSummary()).toBe('Onboarding at Verifik: the checks of the project flow');
    for (const line of ['- Required checks: email, document (2 attempts).', '- Deadline: 7 days after'])
      expect(details).toContain(line);
  });

  it('shows failed attempts, and the outcome after the end', async () => {
    const one = await world.begin({}, 'document-failed-once');
    await world.doAndReport(one, 'document');
    await expect
      .poll(() => details(one.workflowId))
      .toMatch(/\*\*document\*\*: ❌ last attempt failed since .*, 1 of 3 attempts failed/);
    await world.doAndReport(one, ...CHECK_NAMES);
    await world.client.result(one.workflowId);
    expect(await details(one.workflowId)).toMatch(/^\*\*verified\*\* \(allChecksPassed\): .*\n\nDecided /);
  });

  it('shows the id of the reviewer, and refuses an email, which a search attribute would show', async () => {
    const one = await world.begin({}, 'document-review');
    await world.doAndReport(one, 'document');
    const decide = (reviewer: string) =>
      world.client.decideReview(one.workflowId, { decision: 'approve', check: 'document', reviewer });
    await expect.poll(async () => (await world.client.status(one.workflowId)).hold).toBe('review');
    for (const wrong of ['jane.doe@bank.example', 'Jane Doe', 'reviewer-7\n\n# Approved'])
      await expect(decide(wrong)).rejects.toMatchObject({
        type: 'InvalidRequest',
        fields: [{ field: 'reviewer', expected: expect.stringContaining('never an email') }],
      });
    await decide('reviewer-7');
    expect(await details(one.workflowId)).toContain('approved by `reviewer-7`');
  });

  it('shows until when a review is due, who has claimed it, and a check that the applicant has to repeat', async () => {
    const one = await world.begin({}, 'document-review');
    await world.doAndReport(one, 'document');
    await expect.poll(() => details(one.workflowId)).toContain('Nobody has claimed the review.');
    await world.client.claimReview(one.workflowId, { reviewer: 'reviewer_7' });
    expect(await details(one.workflowId)).toMatch(
      /Awaited from the reviewer\. The review is due by .* UTC, and pauses the applicant's deadline\. `reviewer_7` has claimed the review until .* UTC\./,
    );
    const again = { checks: ['document'], reviewer: 'reviewer_7', reason: 'The photo is blurred.' } as const;
    await world.client.requestAgain(one.workflowId, again);
    expect(await details(one.workflowId)).toMatch(
      /\*\*document\*\*: ⬜ pending since .*, requested again by a reviewer$/m,
    );
  });

  it('shows that Verifik does not respond before there is a registration', async () => {
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', times: 50 }]);
    const reference = randomUUID();
    const start = world.client.start(world.request(world.somebody()), { reference });
    await isRegistering(world, `onboarding-${reference}`);
    await expect
      .poll(() => details(`onboarding-${reference}`))
      .toMatch(/^\*\*Verifik has to answer with an app registration\.\*\*[\s\S]*There is no app registration yet/);
    await world.sandbox.control.faults([]);
    await start;
  });

  it('shows for every signal, update and query which arguments it takes', async () => {
    const { workflowId } = await world.begin();
    const { definition } = await metadata(workflowId);
    const described = [
      ...(definition?.signalDefinitions ?? []),
      ...(definition?.updateDefinitions ?? []),
      ...(definition?.queryDefinitions ?? []),
    ].filter(({ name }) => !name?.startsWith('__'));
    expect(described.map(({ name }) => name).sort()).toEqual(
      ['emailValidation', 'phoneValidation', 'documentValidation', 'biometricValidation', 'withdraw']
        .concat([
          'registration',
          'reRegister',
          'decideReview',
          'requestAgain',
          'claimReview',
          'releaseReview',
          'onboarding',
          'events',
          'evidence',
          'applicant',
          'appRegistration',
          'reports',
        ])
        .sort(),
    );
    for (const { name, description } of described) expect(description, name ?? '').toMatch(/\{.*\}|Takes no input/);
  });
});

describe('the search attributes', () => {
  it("contain the time since which Verifik's first response is pending", async () => {
    await world.sandbox.control.faults([{ match: CREATE, kind: 'status', times: 50 }]);
    const reference = randomUUID();
    const start = world.client.start(world.request(world.somebody()), { reference });
    await isRegistering(world, `onboarding-${reference}`);
    const { typedSearchAttributes } = await world.env.client.workflow.getHandle(`onboarding-${reference}`).describe();
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.pendingSince)).toEqual(expect.any(Date));
    await world.sandbox.control.faults([]);
    await start;
  });

  it('list the pending checks at most five minutes late, with the time of the last change', async () => {
    const one = await world.begin();
    const status = async () => {
      const { typedSearchAttributes } = await world.env.client.workflow.getHandle(one.workflowId).describe();
      const { pending, pendingSince } = SEARCH_ATTRIBUTES;
      return { pending: typedSearchAttributes.get(pending), since: typedSearchAttributes.get(pendingSince)?.getTime() };
    };
    await expect.poll(status).toEqual({ pending: CHECK_NAMES, since: expect.any(Number) });
    const before = await status();
    await world.pass(HOUR_MS);
    await world.doAndReport(one, 'email');
    expect(await status()).toEqual(before);
    await world.pass(PUBLISH_CHECKS_WITHIN_MS);
    const withoutEmail = CHECK_NAMES.filter((name) => name !== 'email');
    await expect.poll(status).toEqual({ pending: withoutEmail, since: expect.any(Number) });
    const { since = 0 } = await status();
    // The time of the report, not of its publication.
    expect(since - (before.since ?? 0)).toBeGreaterThanOrEqual(HOUR_MS);
    expect(since - (before.since ?? 0)).toBeLessThan(HOUR_MS + PUBLISH_CHECKS_WITHIN_MS);
  });
});
