import type { Registration } from '../model.js';
import type { Population } from './population.js';

export const SEGMENT_LENGTH = 1_000;

export type StatusFilter = (status: string) => boolean;

/**
 * A part of the registry: registrations of one flow in the order of their creation. An offset is an index in the
 * segment.
 */
export interface Segment {
  readonly project: string;
  readonly projectFlow: string;
  /** The number of registrations ever created in the segment. Forgotten ones keep their offsets. */
  readonly length: number;
  /** Registrations in memory, by id. They may have been changed. */
  readonly loaded: ReadonlyMap<string, Registration>;
  idAt(offset: number): string;
  /** Returns the status, or undefined if the registration is forgotten. */
  statusAt(offset: number): string | undefined;
  /** Returns the registration for reading. Changes to it may be lost. */
  peekAt(offset: number): Registration | undefined;
  count(isWanted?: StatusFilter): number;
}

const countLoaded = (loaded: ReadonlyMap<string, Registration>, isWanted: StatusFilter): number => {
  let count = 0;
  for (const { status } of loaded.values()) if (isWanted(status)) count += 1;
  return count;
};

/** Registrations that were created one by one. */
export class ListSegment implements Segment {
  readonly project: string;
  readonly projectFlow: string;
  readonly loaded = new Map<string, Registration>();
  readonly #ids: string[] = [];

  constructor({ project, projectFlow }: Pick<Registration, 'project' | 'projectFlow'>) {
    this.project = project;
    this.projectFlow = projectFlow;
  }

  get length(): number {
    return this.#ids.length;
  }

  /** True if the segment has room and is of the registration's flow. */
  accepts({ project, projectFlow }: Registration): boolean {
    return project === this.project && projectFlow === this.projectFlow && this.length < SEGMENT_LENGTH;
  }

  add(registration: Registration): void {
    this.#ids.push(registration._id);
    this.loaded.set(registration._id, registration);
  }

  remove(id: string): void {
    this.loaded.delete(id);
  }

  idAt(offset: number): string {
    return this.#ids[offset] ?? '';
  }

  statusAt(offset: number): string | undefined {
    return this.peekAt(offset)?.status;
  }

  peekAt(offset: number): Registration | undefined {
    return this.loaded.get(this.idAt(offset));
  }

  count(isWanted?: StatusFilter): number {
    return isWanted === undefined ? this.loaded.size : countLoaded(this.loaded, isWanted);
  }
}

const add = (counts: Map<string, number>, status: string, n: number): void => {
  counts.set(status, (counts.get(status) ?? 0) + n);
};

/** A part of a population. Only members that were loaded for changing use memory. */
export class PopulationSegment implements Segment {
  readonly project: string;
  readonly projectFlow: string;
  readonly length: number;
  readonly loaded = new Map<string, Registration>();
  readonly #population: Population;
  readonly #first: number;
  readonly #forgotten = new Set<number>();
  /** The number of members by status, without loaded and forgotten ones. */
  readonly #unloadedByStatus = new Map<string, number>();

  constructor(population: Population, first: number) {
    this.project = population.project;
    this.projectFlow = population.projectFlow;
    this.length = Math.min(population.count - first, SEGMENT_LENGTH);
    this.#population = population;
    this.#first = first;
    for (let offset = 0; offset < this.length; offset += 1) {
      const status = population.statusAt(first + offset);
      if (status === undefined) this.#forgotten.add(offset);
      else add(this.#unloadedByStatus, status, 1);
    }
  }

  idAt(offset: number): string {
    return this.#population.idAt(this.#first + offset);
  }

  statusAt(offset: number): string | undefined {
    if (this.#forgotten.has(offset)) return undefined;
    // Computing an id is expensive when it is done for every offset.
    const loaded = this.loaded.size === 0 ? undefined : this.loaded.get(this.idAt(offset));
    return loaded?.status ?? this.#population.statusAt(this.#first + offset);
  }

  peekAt(offset: number): Registration | undefined {
    if (this.#forgotten.has(offset)) return undefined;
    return this.loaded.get(this.idAt(offset)) ?? this.#population.registrationAt(this.#first + offset);
  }

  isLoaded(offset: number): boolean {
    return this.loaded.has(this.idAt(offset));
  }

  /** Loads the registration into memory for changing. */
  load(offset: number): Registration | undefined {
    const registration = this.peekAt(offset);
    if (registration === undefined || this.loaded.has(registration._id)) return registration;
    add(this.#unloadedByStatus, registration.status, -1);
    this.loaded.set(registration._id, registration);
    return registration;
  }

  remove(offset: number): void {
    if (this.load(offset) === undefined) return;
    this.loaded.delete(this.idAt(offset));
    this.#forgotten.add(offset);
  }

  count(isWanted?: StatusFilter): number {
    let count = isWanted === undefined ? this.loaded.size : countLoaded(this.loaded, isWanted);
    for (const [status, n] of this.#unloadedByStatus) if (isWanted?.(status) ?? true) count += n;
    return count;
  }
}
