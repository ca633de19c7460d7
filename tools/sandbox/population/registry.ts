import type { Contact, Registration, Validation } from '../model.js';
import { type ContactMethod, Contacts, contactMethodsOf } from '../rules/contacts.js';
import { type Population, PREFIX_DIGITS } from './population.js';
import { ListSegment, PopulationSegment, SEGMENT_LENGTH, type Segment, type StatusFilter } from './segments.js';

export interface RegistryFilter {
  readonly project?: string | undefined;
  readonly projectFlow?: string | undefined;
  readonly isWanted?: StatusFilter | undefined;
}

interface Members {
  readonly population: Population;
  readonly segments: readonly PopulationSegment[];
}

interface Location {
  readonly segment: PopulationSegment;
  readonly offset: number;
}

const locate = ({ segments }: Members, index: number): Location | undefined => {
  const segment = segments[Math.floor(index / SEGMENT_LENGTH)];
  return segment === undefined ? undefined : { segment, offset: index % SEGMENT_LENGTH };
};

/** Returns up to `limit` matching registrations of a segment, after skipping `skip` of them. */
const slice = (
  segment: Segment,
  isWanted: StatusFilter | undefined,
  skip: number,
  limit: number,
): readonly Registration[] => {
  const found: Registration[] = [];
  let left = skip;
  for (let offset = 0; offset < segment.length && found.length < limit; offset += 1) {
    const status = segment.statusAt(offset);
    if (status === undefined || !(isWanted?.(status) ?? true)) continue;
    left -= 1;
    const registration = left < 0 ? segment.peekAt(offset) : undefined;
    if (registration !== undefined) found.push(registration);
  }
  return found;
};

/** Stores all registrations in the order of their creation, and finds them by id, by contact or page by page. */
export class Registry {
  readonly #segments: Segment[] = [];
  /** The segments of registrations that were created one by one. */
  readonly #segmentOf = new Map<string, ListSegment>();
  readonly #populations = new Map<string, Members>();
  readonly #contacts = new Contacts();

  get populations(): number {
    return this.#populations.size;
  }

  /** Finds a registration for reading. Changes to it may be lost. */
  peek(id: string): Registration | undefined {
    const own = this.#segmentOf.get(id);
    if (own !== undefined) return own.loaded.get(id);
    const member = this.#memberOf(id);
    return member?.segment.peekAt(member.offset);
  }

  /** Finds a registration for changing. */
  get(id: string): Registration | undefined {
    const own = this.#segmentOf.get(id);
    if (own !== undefined) return own.loaded.get(id);
    const member = this.#memberOf(id);
    return member === undefined ? undefined : this.#load(member);
  }

  add(registration: Registration): void {
    const last = this.#segments.at(-1);
    const segment = last instanceof ListSegment && last.accepts(registration) ? last : new ListSegment(registration);
    if (segment !== last) this.#segments.push(segment);
    segment.add(registration);
    this.#segmentOf.set(registration._id, segment);
    this.#contacts.add(registration);
  }

  addPopulation(population: Population): void {
    const length = Math.ceil(population.count / SEGMENT_LENGTH);
    const segments = Array.from({ length }, (_, nth) => new PopulationSegment(population, nth * SEGMENT_LENGTH));
    this.#populations.set(population.prefix, { population, segments });
    for (const segment of segments) this.#segments.push(segment);
  }

  remove(registration: Registration): void {
    const { _id: id } = registration;
    this.#segmentOf.get(id)?.remove(id);
    const member = this.#memberOf(id);
    member?.segment.remove(member.offset);
    this.#contacts.remove(registration);
  }

  /** Changes the contact, and the index of contacts with it. */
  changeContact(registration: Registration, contact: Contact): void {
    this.#contacts.remove(registration);
    Object.assign(registration, contact);
    this.#contacts.add(registration);
  }

  /** Finds the registration of the first contact method that is taken, and which one it is. */
  findByContact(
    projectFlow: string,
    contact: Contact,
  ): { readonly registration: Registration; readonly by: ContactMethod['by'] } | undefined {
    for (const method of contactMethodsOf(contact)) {
      const registration = this.#contacts.find(projectFlow, method) ?? this.#loadByContact(projectFlow, method);
      if (registration !== undefined) return { registration, by: method.by };
    }
    return undefined;
  }

  peekValidation(id: string): Validation | undefined {
    const members = this.#populations.get(id.slice(0, PREFIX_DIGITS));
    const index = members?.population.find(id)?.index;
    if (members === undefined || index === undefined) return undefined;
    const { validations = {} } = this.peek(members.population.idAt(index)) ?? {};
    return Object.values(validations).find(({ _id }) => _id === id);
  }

  /** Returns a page of matching registrations, and the total number of matches. */
  page(
    { project, projectFlow, isWanted }: RegistryFilter,
    skip: number,
    limit: number,
  ): { readonly found: readonly Registration[]; readonly total: number } {
    const found: Registration[] = [];
    let total = 0;
    for (const segment of this.#segments) {
      if (project !== undefined && segment.project !== project) continue;
      if (projectFlow !== undefined && segment.projectFlow !== projectFlow) continue;
      const count = segment.count(isWanted);
      if (total + count > skip && found.length < limit)
        found.push(...slice(segment, isWanted, Math.max(skip - total, 0), limit - found.length));
      total += count;
    }
    return { found, total };
  }

  *all(): Generator<Registration, void, undefined> {
    for (const segment of this.#segments) yield* slice(segment, undefined, 0, segment.length);
  }

  withEmail(email: string): readonly Registration[] {
    const loaded = this.#segments.flatMap((segment) =>
      [...segment.loaded.values()].filter((one) => one.email === email),
    );
    const members = [...this.#unloadedWith({ by: 'email', address: email })];
    return [...loaded, ...members.flatMap(({ segment, offset }) => segment.peekAt(offset) ?? [])];
  }

  /** Finds a registration by the id of its information validation, by iterating over all. */
  byInformation(id: string): Registration | undefined {
    for (const { _id, informationValidationId } of this.all()) if (informationValidationId === id) return this.get(_id);
    return undefined;
  }

  /** Deletes the comparisons from before a time, in ms since the Unix epoch. */
  deleteComparisons(before: number): void {
    for (const { population } of this.#populations.values()) population.comparisonsDeletedBefore = before;
    for (const { loaded } of this.#segments)
      for (const registration of loaded.values())
        if (registration.compare !== undefined && registration.compare.at < before) delete registration.compare;
  }

  /** Yields the ids of all registrations ever created, including forgotten ones. */
  *ids(): Generator<readonly string[], void, undefined> {
    for (const segment of this.#segments)
      yield Array.from({ length: segment.length }, (_, offset) => segment.idAt(offset));
  }

  #memberOf(id: string): Location | undefined {
    const members = this.#populations.get(id.slice(0, PREFIX_DIGITS));
    const found = members?.population.find(id);
    return members === undefined || found?.role !== 'registration' ? undefined : locate(members, found.index);
  }

  #load({ segment, offset }: Location): Registration | undefined {
    if (segment.isLoaded(offset)) return segment.peekAt(offset);
    const registration = segment.load(offset);
    if (registration !== undefined) this.#contacts.add(registration);
    return registration;
  }

  /** Yields unchanged members with the contact. Loaded members are in the index, with their current contact. */
  *#unloadedWith(method: ContactMethod): Generator<Location, void, undefined> {
    for (const members of this.#populations.values()) {
      const index = members.population.findByContact(method);
      const member = index === undefined ? undefined : locate(members, index);
      if (member !== undefined && !member.segment.isLoaded(member.offset)) yield member;
    }
  }

  #loadByContact(projectFlow: string, method: ContactMethod): Registration | undefined {
    for (const member of this.#unloadedWith(method)) {
      const registration = member.segment.projectFlow === projectFlow ? this.#load(member) : undefined;
      if (registration !== undefined) return registration;
    }
    return undefined;
  }
}
