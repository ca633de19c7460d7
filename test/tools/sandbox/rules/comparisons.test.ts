import { describe, expect, it } from 'vitest';
import { createApplicant, type Settings } from '../../../../tools/sandbox/index.js';
import { ask, COMPARE, inventPerson, openSandbox, readRegistration, register, sync, uploadImages } from '../vendor.js';

const SETTINGS = { mandatory: ['document', 'biometric'] } satisfies Partial<Settings>;
const END = { step: 'end', status: 'COMPLETED' };

const withImages = async (settings: Partial<Settings> = {}, tag?: string) => {
  const sandbox = await openSandbox({ settings: { ...SETTINGS, ...settings } });
  const { _id, token } = await register(sandbox, inventPerson(tag));
  await uploadImages(sandbox, token);
  return { sandbox, _id, token, compare: () => ask(sandbox, token, COMPARE, {}) };
};

describe('a face comparison', () => {
  it('a comparison starts on request, responds after its delay, and is absent from reads until then', async () => {
    const { sandbox, _id, compare } = await withImages({ compareDelayMs: 300 });
    expect(await readRegistration(sandbox, _id)).toMatchObject({ compareFaceVerification: null });
    const startedAt = performance.now();
    const compared = compare();
    expect(await readRegistration(sandbox, _id)).toMatchObject({ compareFaceVerification: null });
    expect((await compared).body).toMatchObject({ data: { compareFaceVerification: { result: { passed: true } } } });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ compareFaceVerification: { result: {} } });
  });

  it.each([
    ['unit', { score: 0.97, passed: true, compare_min_score: 0.85 }],
    ['percent', { score: 97, passed: true, compare_min_score: 85 }],
  ] as const)('scores are on the scale %s', async (compareScores, result) => {
    const { compare } = await withImages({ compareScores });
    expect((await compare()).body).toMatchObject({ data: { compareFaceVerification: { result } } });
  });

  it('the flow’s minimum score decides', async () => {
    const { compare } = await withImages({ flow: { compareMinScore: 0.98 } });
    expect((await compare()).body).toMatchObject({ data: { compareFaceVerification: { result: { passed: false } } } });
  });

  it.each([
    ['never asked for', undefined, false, 'NEEDS_MANUAL_VERIFICATION'],
    ['without a result', 'compare-never', true, 'NEEDS_MANUAL_VERIFICATION'],
    ['failed', 'compare-failed', true, 'NEEDS_MANUAL_VERIFICATION'],
    ['impossible without a portrait', 'document-noportrait', true, 'NEEDS_MANUAL_VERIFICATION'],
    ['passed', undefined, true, 'COMPLETED'],
  ])('a comparison that is %s decides the end', async (_what, tag, isAsked, status) => {
    const { sandbox, _id, token, compare } = await withImages({}, tag);
    if (isAsked) expect((await compare()).status).toBe(200);
    expect((await sync(sandbox, token, _id, END)).body).toMatchObject({ data: { status } });
  });

  it('a document without a portrait says so', async () => {
    const { sandbox, _id } = await withImages({}, 'document-noportrait');
    expect(await readRegistration(sandbox, _id)).toMatchObject({
      documentFace: null,
      documentValidation: { status: 'completed', documentFaceReason: 'document_face_not_provided' },
    });
  });

  it('comparisons are deleted after 90 days, also in populations', async () => {
    const { sandbox, _id, compare } = await withImages();
    await compare();
    await sandbox.control.population({ count: 2, ageDays: [30, 100] });
    const [, old = '', young = ''] = await sandbox.control.ids();
    await sandbox.control.deleteComparisons();
    const result = { result: { passed: true } };
    expect(await readRegistration(sandbox, _id)).toMatchObject({ compareFaceVerification: result });
    expect(await readRegistration(sandbox, young)).toMatchObject({ compareFaceVerification: result });
    expect(await readRegistration(sandbox, old)).toMatchObject({ compareFaceVerification: null });
    await sandbox.control.deleteComparisons(0);
    expect(await readRegistration(sandbox, _id)).toMatchObject({ compareFaceVerification: null });
  });

  it('an applicant pauses between selfie and comparison', async () => {
    const sandbox = await openSandbox({ settings: { ...SETTINGS, applicantPauseMs: 200 } });
    const { _id, token } = await register(sandbox);
    for await (const _step of createApplicant({ url: sandbox.url, token }).goThrough());
    const requests = await sandbox.control.requests();
    const at = (call: string) => requests.find(({ route }) => route.includes(call))?.at ?? 0;
    expect(at('/compare/') - at('/biometric-validations/')).toBeGreaterThanOrEqual(200);
    const routes = requests.map(({ route }) => route);
    expect(routes.findLastIndex((route) => route.endsWith('/sync'))).toBeGreaterThan(
      routes.findIndex((route) => route.includes('/compare/')),
    );
    expect(await readRegistration(sandbox, _id)).toMatchObject({ status: 'completed' });
  });
});
