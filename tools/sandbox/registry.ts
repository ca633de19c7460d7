import { Contacts, type Way, waysTo } from './contacts.js';
import type { Contact, Registration, Validation } from './model.js';
import { type Population, PREFIX_DIGITS } from './population.js';
import { MemberRun, OwnRun, RUN_LENGTH, type Run, type StatusFilter } from './runs.js';

/** Which registrations are asked for. */
export interface RegistryFilter {
  readonly project?: string | undefined;
  readonly projectFlow?: string | undefined;
  readonly isWanted?: StatusFilter | undefined;
}

interface Members {
  readonly population: Population;
  readonly runs: readonly MemberRun[];
}

interface Place {
  readonly run: MemberRun;
  readonly place: number;
}

const placeOf = ({ runs }: Members, index: number): Place | undefined => {
  const run = runs[Math.floor(index / RUN_LENGTH)];
  return run === undefined ? undefined : { run, place: index % RUN_LENGTH };
};

/** Some of the registrations of a run, without those that are not asked for. */
const slice = (run: Run, isWanted: StatusFilter | undefined, skip: number, most: number): readonly Registration[] => {
  const found: Registration[] = [];
  let left = skip;
  for (let place = 0; place < run.length && found.length < most; place += 1) {
    const status = run.statusAt(place);
    if (status === undefined || !(isWanted?.(status) ?? true)) continue;
    left -= 1;
    const registration = left < 0 ? run.peekAt(place) : undefined;
    if (registration !== undefined) found.push(registration);
  }
  return found;
};

/** All registrations, in the order in which they came in, found by id or contact or page by page. */
export class Registry {
  readonly #runs: Run[] = [];
  /** Of those that came in one by one. */
  readonly #runOf = new Map<string, OwnRun>();
  readonly #populations = new Map<string, Members>();
  readonly #contacts = new Contacts();

  /** How many populations there are. */
  get populations(): number {
    return this.#populations.size;
  }

  /** The registration, to be looked at only: a change may be lost. */
  peek(id: string): Registration | undefined {
    const own = this.#runOf.get(id);
    if (own !== undefined) return own.held.get(id);
    const member = this.#memberOf(id);
    return member?.run.peekAt(member.place);
  }

  /** The registration, to be changed as well. */
  get(id: string): Registration | undefined {
    const own = this.#runOf.get(id);
    if (own !== undefined) return own.held.get(id);
    const member = this.#memberOf(id);
    return member === undefined ? undefined : this.#hold(member);
  }

  add(registration: Registration): void {
    const last = this.#runs.at(-1);
    const run = last instanceof OwnRun && last.takes(registration) ? last : new OwnRun(registration);
    if (run !== last) this.#runs.push(run);
    run.add(registration);
    this.#runOf.set(registration._id, run);
    this.#contacts.add(registration);
  }

  addPopulation(population: Population): void {
    const length = Math.ceil(population.count / RUN_LENGTH);
    const runs = Array.from({ length }, (_, nth) => new MemberRun(population, nth * RUN_LENGTH));
    this.#populations.set(population.prefix, { population, runs });
    for (const run of runs) this.#runs.push(run);
  }

  remove(registration: Registration): void {
    const { _id: id } = registration;
    this.#runOf.get(id)?.remove(id);
    const member = this.#memberOf(id);
    member?.run.remove(member.place);
    this.#contacts.drop(registration);
  }

  /** The registration can be found by its new contact and no longer by its former one. */
  changeContact(registration: Registration, contact: Contact): void {
    this.#contacts.drop(registration);
    Object.assign(registration, contact);
    this.#contacts.add(registration);
  }

  /** Which of the contact's ways is registered already, with the registration. */
  findByContact(
    projectFlow: string,
    contact: Contact,
  ): { readonly registration: Registration; readonly by: Way['by'] } | undefined {
    for (const way of waysTo(contact)) {
      const registration = this.#contacts.find(projectFlow, way) ?? this.#holdByWay(projectFlow, way);
      if (registration !== undefined) return { registration, by: way.by };
    }
    return undefined;
  }

  /** A validation that a member of a population has come with. */
  peekValidation(id: string): Validation | undefined {
    const members = this.#populations.get(id.slice(0, PREFIX_DIGITS));
    const index = members?.population.find(id)?.index;
    if (members === undefined || index === undefined) return undefined;
    const { validations = {} } = this.peek(members.population.idAt(index)) ?? {};
    return Object.values(validations).find(({ _id }) => _id === id);
  }

  /** A page of what meets the filter, and how many there are in all. */
  page(
    { project, projectFlow, isWanted }: RegistryFilter,
    skip: number,
    limit: number,
  ): { readonly found: readonly Registration[]; readonly total: number } {
    const found: Registration[] = [];
    let total = 0;
    for (const run of this.#runs) {
      if (project !== undefined && run.project !== project) continue;
      if (projectFlow !== undefined && run.projectFlow !== projectFlow) continue;
      const count = run.count(isWanted);
      if (total + count > skip && found.length < limit)
        found.push(...slice(run, isWanted, Math.max(skip - total, 0), limit - found.length));
      total += count;
    }
    return { found, total };
  }

  /** All registrations, to be looked at only. */
  *all(): Generator<Registration, void, undefined> {
    for (const run of this.#runs) yield* slice(run, undefined, 0, run.length);
  }

  /** All registrations with the email, to be looked at only. */
  withEmail(email: string): readonly Registration[] {
    const held = this.#runs.flatMap((run) => [...run.held.values()].filter((one) => one.email === email));
    const members = [...this.#untouchedBy({ by: 'email', address: email })];
    return [...held, ...members.flatMap(({ run, place }) => run.peekAt(place) ?? [])];
  }

  /** Every id that there has ever been, run by run: also of those that are gone. */
  *ids(): Generator<readonly string[], void, undefined> {
    for (const run of this.#runs) yield Array.from({ length: run.length }, (_, place) => run.idAt(place));
  }

  #memberOf(id: string): Place | undefined {
    const members = this.#populations.get(id.slice(0, PREFIX_DIGITS));
    const found = members?.population.find(id);
    return members === undefined || found?.role !== 'registration' ? undefined : placeOf(members, found.index);
  }

  #hold({ run, place }: Place): Registration | undefined {
    if (run.isHeld(place)) return run.peekAt(place);
    const registration = run.hold(place);
    if (registration !== undefined) this.#contacts.add(registration);
    return registration;
  }

  /** Members who came with the contact. Whoever is held is found by the contact that they have now. */
  *#untouchedBy(way: Way): Generator<Place, void, undefined> {
    for (const members of this.#populations.values()) {
      const index = members.population.findByWay(way);
      const member = index === undefined ? undefined : placeOf(members, index);
      if (member !== undefined && !member.run.isHeld(member.place)) yield member;
    }
  }

  #holdByWay(projectFlow: string, way: Way): Registration | undefined {
    for (const member of this.#untouchedBy(way)) {
      const registration = member.run.projectFlow === projectFlow ? this.#hold(member) : undefined;
      if (registration !== undefined) return registration;
    }
    return undefined;
  }
}
