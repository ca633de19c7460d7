import type { Registration } from './model.js';
import type { Population } from './population.js';

/** How many registrations a run holds at most. */
export const RUN_LENGTH = 1_000;

export type StatusFilter = (status: string) => boolean;

/** Some registrations of one flow, in the order in which they came in. A place is an index within the run. */
export interface Run {
  readonly project: string;
  readonly projectFlow: string;
  /** How many there have ever been. Those that are gone keep their places. */
  readonly length: number;
  /** Those that have been handed out to be changed. */
  readonly held: ReadonlyMap<string, Registration>;
  idAt(place: number): string;
  /** The status word; none where it is gone. */
  statusAt(place: number): string | undefined;
  /** The registration, to be looked at only: a change may be lost. */
  peekAt(place: number): Registration | undefined;
  /** How many there are of such a status. */
  count(isWanted?: StatusFilter): number;
}

const countHeld = (held: ReadonlyMap<string, Registration>, isWanted: StatusFilter): number => {
  let count = 0;
  for (const { status } of held.values()) if (isWanted(status)) count += 1;
  return count;
};

/** Registrations that came in one by one. */
export class OwnRun implements Run {
  readonly project: string;
  readonly projectFlow: string;
  readonly held = new Map<string, Registration>();
  readonly #ids: string[] = [];

  constructor({ project, projectFlow }: Pick<Registration, 'project' | 'projectFlow'>) {
    this.project = project;
    this.projectFlow = projectFlow;
  }

  get length(): number {
    return this.#ids.length;
  }

  /** Whether the registration can follow the last one. */
  takes({ project, projectFlow }: Registration): boolean {
    return project === this.project && projectFlow === this.projectFlow && this.length < RUN_LENGTH;
  }

  add(registration: Registration): void {
    this.#ids.push(registration._id);
    this.held.set(registration._id, registration);
  }

  remove(id: string): void {
    this.held.delete(id);
  }

  idAt(place: number): string {
    return this.#ids[place] ?? '';
  }

  statusAt(place: number): string | undefined {
    return this.peekAt(place)?.status;
  }

  peekAt(place: number): Registration | undefined {
    return this.held.get(this.idAt(place));
  }

  count(isWanted?: StatusFilter): number {
    return isWanted === undefined ? this.held.size : countHeld(this.held, isWanted);
  }
}

const add = (counts: Map<string, number>, status: string, n: number): void => {
  counts.set(status, (counts.get(status) ?? 0) + n);
};

/** A stretch of a population. Only those of its members that were handed out to be changed take room. */
export class MemberRun implements Run {
  readonly project: string;
  readonly projectFlow: string;
  readonly length: number;
  readonly held = new Map<string, Registration>();
  readonly #population: Population;
  readonly #first: number;
  readonly #gone = new Set<number>();
  /** How many of those that nobody holds have which status. */
  readonly #untouched = new Map<string, number>();

  constructor(population: Population, first: number) {
    this.project = population.project;
    this.projectFlow = population.projectFlow;
    this.length = Math.min(population.count - first, RUN_LENGTH);
    this.#population = population;
    this.#first = first;
    for (let place = 0; place < this.length; place += 1) {
      const status = population.statusAt(first + place);
      if (status === undefined) this.#gone.add(place);
      else add(this.#untouched, status, 1);
    }
  }

  idAt(place: number): string {
    return this.#population.idAt(this.#first + place);
  }

  statusAt(place: number): string | undefined {
    if (this.#gone.has(place)) return undefined;
    // An id is dear to work out for each of a thousand places.
    const held = this.held.size === 0 ? undefined : this.held.get(this.idAt(place));
    return held?.status ?? this.#population.statusAt(this.#first + place);
  }

  peekAt(place: number): Registration | undefined {
    if (this.#gone.has(place)) return undefined;
    return this.held.get(this.idAt(place)) ?? this.#population.registrationAt(this.#first + place);
  }

  isHeld(place: number): boolean {
    return this.held.has(this.idAt(place));
  }

  /** The registration, to be held and changed. */
  hold(place: number): Registration | undefined {
    const registration = this.peekAt(place);
    if (registration === undefined || this.held.has(registration._id)) return registration;
    add(this.#untouched, registration.status, -1);
    this.held.set(registration._id, registration);
    return registration;
  }

  remove(place: number): void {
    if (this.hold(place) === undefined) return;
    this.held.delete(this.idAt(place));
    this.#gone.add(place);
  }

  count(isWanted?: StatusFilter): number {
    let count = isWanted === undefined ? this.held.size : countHeld(this.held, isWanted);
    for (const [status, n] of this.#untouched) if (isWanted?.(status) ?? true) count += n;
    return count;
  }
}
