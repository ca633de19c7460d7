import { createRandom, inventPeople, type Person } from '../sandbox/index.js';
import { type Member, PERSONA_NAMES, type PersonaName, personaOf } from './personas.js';

export interface CastOptions {
  readonly seed: number;
  readonly onboardings: number;
  /** Leaves out those who take longer than this, in ms. */
  readonly atMostMs?: number;
}

const tagged = (person: Person, tag: string | undefined): Person =>
  tag === undefined ? person : { ...person, email: person.email.replace('@', `+${tag}@`) };

/** Who goes through, and what each does: the same people for the same seed. As soon as there are enough, every persona occurs. */
export const castOf = ({ seed, onboardings, atMostMs = Number.POSITIVE_INFINITY }: CastOptions): readonly Member[] => {
  const random = createRandom(seed);
  const names = PERSONA_NAMES.filter((name) => (personaOf(name).takesMs ?? 0) <= atMostMs);
  const lots = names.flatMap((name) => Array.from({ length: personaOf(name).share }, () => name));
  const drawn = (index: number): PersonaName => names[index] ?? lots[random.below(lots.length)] ?? 'passes';
  const personas = Array.from({ length: onboardings }, (_, index) => drawn(index));
  return inventPeople(seed, onboardings).map((person, index) => {
    const persona = personas[index] ?? 'passes';
    return { reference: `chaos-${seed}-${index + 1}`, persona, person: tagged(person, personaOf(persona).tag) };
  });
};
