import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OnboardingWorld, openWorld } from '../../support/onboarding-world.js';

let world: OnboardingWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

describe('a legal hold', () => {
  it('is returned as it was placed, until it is lifted', async () => {
    expect(await world.client.legalHold('shown')).toBeUndefined();
    const hold = await world.client.placeLegalHold('shown', { placedBy: 'counsel-1', reason: 'case 17' });
    expect(hold).toEqual({
      reference: 'shown',
      placedBy: 'counsel-1',
      placedAt: expect.any(Number),
      reason: 'case 17',
    });
    expect(await world.client.legalHold('shown')).toEqual(hold);
    const lift = await world.client.liftLegalHold('shown', { liftedBy: 'counsel-2' });
    expect(lift).toEqual({
      placedBy: 'counsel-1',
      placedAt: hold.placedAt,
      liftedBy: 'counsel-2',
      liftedAt: expect.any(Number),
    });
    expect(await world.client.legalHold('shown')).toBeUndefined();
  });

  it('stays the first one when it is placed again, or by many callers at once', async () => {
    const many = Array.from({ length: 8 }, (_, n) => world.client.placeLegalHold('many', { placedBy: `counsel-${n}` }));
    const holds = await Promise.all(many);
    expect(new Set(holds.map(({ placedBy }) => placedBy)).size).toBe(1);
    expect(await world.client.placeLegalHold('many', { placedBy: 'counsel-9', reason: 'late' })).toEqual(holds[0]);
  });

  it('returns the first lift when it is lifted again', async () => {
    await world.client.placeLegalHold('lifted', { placedBy: 'counsel-1' });
    const lift = await world.client.liftLegalHold('lifted', { liftedBy: 'counsel-2' });
    expect(await world.client.liftLegalHold('lifted', { liftedBy: 'counsel-3' })).toEqual(lift);
  });

  it('can be placed again after a lift, and is then lifted independently', async () => {
    await world.client.placeLegalHold('placed-again', { placedBy: 'counsel-1' });
    await world.client.liftLegalHold('placed-again', { liftedBy: 'counsel-2' });
    const again = await world.client.placeLegalHold('placed-again', { placedBy: 'counsel-3' });
    expect(again).toMatchObject({ placedBy: 'counsel-3' });
    expect(await world.client.legalHold('placed-again')).toEqual(again);
    expect(await world.client.liftLegalHold('placed-again', { liftedBy: 'counsel-4' })).toMatchObject({
      placedBy: 'counsel-3',
      liftedBy: 'counsel-4',
    });
  });

  it('cannot be lifted if it was never placed', async () => {
    await expect(world.client.liftLegalHold('nobody', { liftedBy: 'counsel-1' })).rejects.toMatchObject({
      name: 'OnboardingError',
      type: 'NoLegalHold',
    });
  });

  it('is not placed by an invalid call, which names the wrong field', async () => {
    const refused = (field: string) => ({ type: 'InvalidRequest', fields: [{ field }] });
    const place = (reference: string, placedBy: string, reason?: string) =>
      world.client.placeLegalHold(reference, { placedBy, ...(reason === undefined ? {} : { reason }) });
    await expect(place('someone@example.com', 'counsel-1')).rejects.toMatchObject(refused('reference'));
    await expect(place('wrong', 'jane.doe@bank.example')).rejects.toMatchObject(refused('placedBy'));
    await expect(place('wrong', 'counsel-1', '')).rejects.toMatchObject(refused('reason'));
    await expect(world.client.liftLegalHold('wrong', { liftedBy: '' })).rejects.toMatchObject(refused('liftedBy'));
    expect(await world.client.legalHold('wrong')).toBeUndefined();
  });
});
