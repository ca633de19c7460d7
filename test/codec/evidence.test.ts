import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { CompactSign, type JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { signEvidence, verifyEvidence } from '../../codec/evidence/signature.js';
import { openSigningKeys } from '../../codec/evidence/signing-keys.js';
import { keyRingOf } from '../../codec/key-ring-json.js';
import { fileKeys } from '../../codec/providers.js';
import { EMPTY_LOG } from '../../domain/changes.js';
import { evidenceOf } from '../../domain/evidence/evidence.js';
import { runOnboarding } from '../domain/driver.js';
import { newKey, ringOf, signingKeysOf } from '../support/signing-keys.js';

const document = () => {
  const evidence = evidenceOf(runOnboarding().state, EMPTY_LOG, {
    ...{ workflowId: 'onboarding-1', onboardingRunId: 'run-1' },
    request: { project: 'project-1', projectFlow: 'flow-1', fullName: 'A Person' },
  });
  if (evidence === undefined) throw new Error('expected an ended onboarding');
  return evidence;
};

const first = newKey();
const keys = await signingKeysOf({ evidenceKeys: ringOf('first', { first }) });
const publicKeys = await keys.publicKeys();
const signed = await signEvidence(keys, document());

const refusal = async (jws: string, from: JSONWebKeySet = publicKeys): Promise<string | undefined> =>
  E.match(
    (problem: string): string | undefined => problem,
    () => undefined,
  )(await verifyEvidence(jws, from));

describe('signed evidence', () => {
  it('signed evidence is verified with the public keys alone, and its payload is the document', async () => {
    expect(JSON.stringify(publicKeys)).not.toContain('"d"');
    expect(await verifyEvidence(signed, publicKeys)).toEqual(E.right({ keyId: 'first', evidence: document() }));
  });

  it('any changed, missing or additional byte is refused', async () => {
    const change = fc.tuple(fc.nat(signed.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, code]) => {
        const byte = String.fromCharCode(code);
        fc.pre(byte !== signed[at]);
        expect(await refusal(signed.slice(0, at) + byte + signed.slice(at + 1))).toBeDefined();
        expect(await refusal(signed.slice(0, at) + byte + signed.slice(at))).toBeDefined();
        expect(await refusal(signed.slice(0, at) + signed.slice(at + 1))).toBeDefined();
      }),
      { numRuns: 500 },
    );
    // The last character has bits that decoding ignores.
    for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.replace(
      signed.slice(-1),
      '',
    ))
      expect(await refusal(signed.slice(0, -1) + letter)).toBeDefined();
  });

  it('evidence of a former key is verified after a rotation, and that of an unknown or another key is refused', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'evidence-')), 'evidence-keys.json');
    await writeFile(file, ringOf('first', { first }));
    const rotated = await signingKeysOf({ evidenceKeysFile: file });
    const before = await signEvidence(rotated, document());
    await writeFile(file, ringOf('second', { first, second: newKey() }));
    const after = await signEvidence(rotated, document());
    const both = await rotated.publicKeys();
    expect([await refusal(before, both), await refusal(after, both)]).toEqual([undefined, undefined]);
    expect(await refusal(after)).toBe('it is signed with a key that is not among the given keys');
    const others = await (await signingKeysOf({ evidenceKeys: ringOf('first', { first: newKey() }) })).publicKeys();
    expect(await refusal(before, others)).toBe(
      'it was changed after it was signed, or is signed with another key of this id',
    );
  });

  it('another text that the key has signed is not taken for evidence', async () => {
    const { id: kid, key } = await keys.current();
    const sign = (text: string, typ: string) =>
      new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'EdDSA', kid, typ }).sign(key);
    expect(await refusal(await sign(JSON.stringify(document()), 'JWT'))).toBe('it is signed, but it is not evidence');
    expect(await refusal(await sign('{"version":"2"}', 'onboarding-evidence+json'))).toMatch(/version: expected "1"/);
  });

  it('wrong keys are reported by their setting and field, without their values', async () => {
    const wrong = ringOf('first', { first: 'c2hvcnQ=' });
    await expect(signingKeysOf({ evidenceKeys: wrong })).rejects.toThrow(
      'The evidence keys of ONBOARDING_EVIDENCE_KEYS are wrong. keys.first: expected base64 of 32 bytes',
    );
    await expect(signingKeysOf({ evidenceKeys: wrong, evidenceKeysFile: 'keys.json' })).rejects.toThrow(
      'ONBOARDING_EVIDENCE_KEYS or ONBOARDING_EVIDENCE_KEYS_FILE: expected one of the two, not both',
    );
  });

  it('a key that also encrypts payloads is refused, under whatever ids', async () => {
    const shared = newKey();
    const encryption = fileKeys(join(await mkdtemp(join(tmpdir(), 'evidence-')), 'keys.json'));
    const provider = { read: async () => keyRingOf(ringOf('e', { e: newKey(), f: shared }), 'tests') };
    const evidenceKeys = ringOf('second', { first: shared, second: newKey() });
    await expect(openSigningKeys({ evidenceKeys }, provider)).rejects.toThrow(
      'ONBOARDING_EVIDENCE_KEYS are wrong. keys.first: expected another key than the encryption key f',
    );
    expect(await openSigningKeys({ evidenceKeys: ringOf('a', { a: newKey() }) }, provider)).toBeDefined();
    expect(await openSigningKeys({}, encryption)).toBeUndefined();
  });
});
