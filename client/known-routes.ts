import { LRUCache } from 'lru-cache';
import type { Route } from '../contract/report-routing.js';
import { MINUTE_MS } from '../shared/time.js';
import type { StartedOnboarding } from './start.js';

/** A running onboarding to which reports are routed. */
export interface RoutedOnboarding {
  readonly workflowId: string;
  readonly appRegistrationId?: string;
}

const CACHE_SIZE = 5_000;

const keyOf = (route: Route): string => JSON.stringify(route);

/**
 * The onboardings of routes that have been searched or learnt in the last ten minutes. They may have ended since, or
 * another one may have started.
 */
export class KnownRoutes {
  readonly #onboardings = new LRUCache<string, readonly RoutedOnboarding[]>({ max: CACHE_SIZE, ttl: 10 * MINUTE_MS });

  get(route: Route): readonly RoutedOnboarding[] | undefined {
    return this.#onboardings.get(keyOf(route));
  }

  set(route: Route, onboardings: readonly RoutedOnboarding[]): void {
    this.#onboardings.set(keyOf(route), onboardings);
  }

  delete(route: Route): void {
    this.#onboardings.delete(keyOf(route));
  }

  /**
   * Learns the onboarding of a registration, unless it may have further ones, which only a search finds: Verifik has
   * resumed it, so that its token has a link, or it is known to have another one.
   */
  learnRegistration({ workflowId, appRegistrationId, link }: StartedOnboarding): void {
    const route: Route = { by: 'registration', appRegistrationId };
    const known = this.get(route);
    if (known?.some((onboarding) => onboarding.workflowId === workflowId)) return;
    if (known === undefined && link === undefined) this.set(route, [{ workflowId, appRegistrationId }]);
    else this.delete(route);
  }

  /** Learns the onboardings of a validation by its registration, which later reports on it may not name. */
  learnValidation(routes: readonly Route[]): void {
    const registration = routes.find(({ by }) => by === 'registration');
    const validation = routes.find(({ by }) => by === 'validation');
    const onboardings = registration && this.get(registration);
    if (onboardings !== undefined && validation !== undefined && this.get(validation) === undefined)
      this.set(validation, onboardings);
  }
}
