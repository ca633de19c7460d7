import type { ListFilter, OnboardingClient } from '../client/index.js';

/** The pages that are read at most. A server that does not report problems is asked about each onboarding on them. */
const PAGES = 10;
const PAGE = 1_000;

/** Lists the onboardings that are stuck from a bounded number of pages, and notes if there are further pages. */
export const listStuck = async function* (
  client: Pick<OnboardingClient, 'listPage'>,
  filter: ListFilter,
  note: (text: string) => void,
): ReturnType<OnboardingClient['list']> {
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const page = await client.listPage(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.onboardings;
    ({ cursor } = page);
    if (cursor === undefined) return;
  }
  note(`Only the newest ${PAGES * PAGE} onboardings were checked. Narrow the filter to check others.`);
};
