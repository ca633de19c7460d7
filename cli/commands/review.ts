import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { CHECK_NAMES } from '../../domain/checks.js';
import { ReviewFields } from '../../domain/review.js';
import { decodeFields, type FieldError } from '../../shared/decoding.js';
import { addCommand, type CommandGroup } from '../command.js';
import { orFail } from '../failures.js';
import { snapshotLines } from '../format/onboarding.js';
import { fileOption, readText } from '../json-input.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding, whileRunning } from '../references.js';

/** The options that set the fields of a decision. `decision` itself is an argument. */
const OPTION_OF: Readonly<Record<string, string>> = { reviewer: '--reviewer', check: '--check', note: '--note-file' };

export const addReview: CommandGroup = (program, { terminal, connect }) =>
  addCommand(program, {
    name: 'review',
    describe: 'Approve or reject the checks under review.',
    args: [ID_ARGUMENT, { flags: '[decision]', describe: 'the decision', choices: ['approve', 'reject'] }],
    options: [
      REFERENCE_OPTION,
      { flags: '--reviewer <id>', describe: "the reviewer's id in your own system: never a name" },
      {
        flags: '--check <check>',
        describe: 'the check to decide; default: all checks under review',
        choices: CHECK_NAMES,
      },
      fileOption('note-file', 'a note for people, as text'),
    ],
    codec: t.partial({ reference: t.string, reviewer: t.string, check: t.string, noteFile: t.string }),
    examples: [
      ['onboarding review onboarding-customer-4711 approve --reviewer reviewer-7', 'All checks under review.'],
      [
        'onboarding review --reference customer-4711 reject --reviewer reviewer-7 --check document --note-file why.txt',
        'One check, with a note.',
      ],
    ],
    run: async ({ args, options: { reference, noteFile, json, timeoutMs, ...given } }) => {
      const { workflowId, rest } = resolveOnboarding(args, reference, ['decision']);
      const note = noteFile === undefined ? {} : { note: await readText(noteFile, '--note-file') };
      const decision = orFail(
        E.mapLeft((errors: readonly FieldError[]) =>
          errors.map(({ field, expected }) => ({ field: OPTION_OF[field] ?? field, expected })),
        )(decodeFields(ReviewFields)({ ...given, ...note, decision: rest[0] })),
      );
      const client = await connect({ timeoutMs });
      const snapshot = await whileRunning(client, workflowId, () => client.decideReview(workflowId, decision));
      if (json) return terminal.json({ workflowId, ...snapshot });
      for (const line of snapshotLines(workflowId, snapshot, terminal.style, Date.now())) terminal.line(line);
    },
  });
