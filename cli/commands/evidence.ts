import { writeFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { VerifiedEvidence } from '../../codec/evidence/signature.js';
import { EVIDENCE_SETTINGS } from '../../codec/evidence/signing-keys.js';
import { MisconfiguredError } from '../../shared/config.js';
import { parseJson } from '../../shared/decoding.js';
import { documentPath } from '../../shared/package-files.js';
import { expectedFile, fieldOfFile } from '../../shared/text-file.js';
import { command, flag, option, required } from '../command.js';
import type { CliContext } from '../context.js';
import { CliFailure, wrongFields, wrongUsage } from '../failures.js';
import { policyLines, validityLines } from '../format/onboarding.js';
import { formatTime, plain } from '../format/text.js';
import { readBytes, readJson } from '../json-input.js';
import { ID_ARGUMENT, REFERENCE_OPTION, resolveOnboarding } from '../references.js';

/** @throws CliFailure `misconfigured` without keys, or if they are wrong. */
const signingKeys = async ({ config }: CliContext) => {
  const [{ openSigningKeys }, { namedKeyProvider }] = await Promise.all([
    import('../../codec/evidence/signing-keys.js'),
    import('../config.js'),
  ]);
  const settings = await config();
  const keys = await openSigningKeys(settings, namedKeyProvider(settings)).catch((error: unknown) => {
    if (!(error instanceof MisconfiguredError)) throw error;
    throw new CliFailure(error.temporary ? 'unavailable' : 'misconfigured', error.message);
  });
  const { evidenceKeys, evidenceKeysFile } = EVIDENCE_SETTINGS;
  if (keys !== undefined) return keys;
  const expected = `the keys that sign evidence, or a file that holds them: ${documentPath('evidence.md')}`;
  throw wrongFields('misconfigured', { field: `${evidenceKeys.env} or ${evidenceKeysFile.env}`, expected });
};

const keys = command({
  name: 'keys',
  describe: 'Print the public keys of the keys that sign evidence, as a JSON web key set for auditors.',
  examples: { 'verifik-onboarding evidence keys > evidence-keys.jwks.json': 'Give the file to those who verify.' },
  run: async (_invocation, context) => {
    context.terminal.json(await (await signingKeys(context)).publicKeys());
  },
});

const schema = command({
  name: 'schema',
  describe: 'Print the JSON Schema of the document that is signed.',
  examples: { 'verifik-onboarding evidence schema > evidence.schema.json': 'Draft 2020-12.' },
  run: async (_invocation, { terminal }) => {
    const [{ jsonSchemaOf }, { EvidenceCodec }] = await Promise.all([
      import('../../shared/json-schema.js'),
      import('../../domain/evidence/evidence.js'),
    ]);
    terminal.json({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...jsonSchemaOf(EvidenceCodec) });
  },
});

const KeySet = t.type({ keys: t.array(t.intersection([t.type({ kty: t.string }), t.UnknownRecord])) });

const SignedEvidence = t.type({ evidence: t.string });

/** Returns the signature itself, also of the gateway's answer and of the output of `--json`, which contain it. */
const signatureIn = (text: string): string =>
  pipe(
    parseJson(text),
    E.filterOrElseW(SignedEvidence.is, () => undefined),
    E.match(
      () => text,
      ({ evidence: signature }) => signature,
    ),
  );

const verifiedLines = ({ keyId, evidence }: VerifiedEvidence): readonly string[] => {
  const { workflowId, registration, decision } = evidence;
  const now = Date.now();
  return [
    `intact        signed with the key ${plain(keyId)}`,
    `onboarding    ${plain(workflowId)}`,
    `registration  ${plain(registration?.appRegistrationId ?? 'none')}`,
    `decision      ${decision.outcome} (${decision.reason}): ${decision.sentence}`,
    `decided       ${formatTime(decision.decidedAt, now)}`,
    ...validityLines(decision, now),
    ...policyLines(decision),
  ];
};

const verify = command({
  name: 'verify',
  describe: 'Check offline that evidence is intact and signed with one of the keys. With --json, print the document.',
  args: [{ name: 'file', describe: 'the file of the evidence; - for standard input' }],
  options: { keys: required('<path>', 'the public keys, as evidence keys prints them', t.string) },
  examples: {
    'verifik-onboarding evidence verify evidence.jws --keys evidence-keys.jwks.json': 'Exits with 1 if it is refused.',
    'verifik-onboarding evidence verify evidence.jws --keys evidence-keys.jwks.json --json': 'Prints the document.',
  },
  run: async ({ args: [file, ...rest], options, show }) => {
    if (file === undefined || rest.length > 0) throw wrongUsage({ field: 'file', expected: 'the path of one file' });
    // Bytes that are not UTF-8 are a change that the verification refuses.
    const jws = signatureIn((await readBytes(file, 'file')).toString().trim());
    const given = await readJson(options.keys, '--keys');
    if (!KeySet.is(given))
      throw wrongUsage({ field: fieldOfFile('--keys', options.keys), expected: 'a JSON web key set' });
    const { verifyEvidence } = await import('../../codec/evidence/signature.js');
    const verified = await verifyEvidence(jws, given);
    if (E.isLeft(verified)) throw new CliFailure('failed', `${fieldOfFile('file', file)}: refused, ${verified.left}`);
    show(verified.right, verifiedLines(verified.right));
  },
});

const write = (path: string, text: string): Promise<void> =>
  // It may have personal data.
  writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    throw wrongUsage({ field: fieldOfFile('--out', path), expected: expectedFile(error, 'written') });
  });

export const evidence = command({
  name: 'evidence',
  describe: 'Get the signed evidence of a decided onboarding for auditors.',
  args: [ID_ARGUMENT],
  options: {
    reference: REFERENCE_OPTION,
    out: option('<path>', 'the file to write, instead of standard output', t.string),
    personalData: flag("with the applicant's name and contact, and the notes of reviewers"),
  },
  examples: {
    'verifik-onboarding evidence --reference customer-4711 --out evidence.jws': 'A JSON web signature.',
    'verifik-onboarding evidence verify evidence.jws --keys evidence-keys.jwks.json': 'Checks it offline.',
  },
  commands: [verify, keys, schema],
  run: async ({ args, options: { reference, out, personalData = false }, call, show }, context) => {
    const { workflowId } = resolveOnboarding(args, reference);
    const signing = await signingKeys(context);
    const { signEvidence } = await import('../../codec/evidence/signature.js');
    const client = await context.connect(call);
    const signed = await signEvidence(signing, await client.evidence(workflowId, { personalData }));
    if (out === undefined) return show({ workflowId, evidence: signed }, [signed]);
    await write(out, signed);
    show({ workflowId, out }, [`The evidence of ${workflowId} is in ${out}.`]);
  },
});
