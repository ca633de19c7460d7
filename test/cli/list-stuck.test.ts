import { describe, expect, it } from 'vitest';
import { listStuck } from '../../cli/commands/list.js';
import type { ListPage, PageOptions } from '../../client/index.js';

const listFrom = async (pageAfter: (cursor: string | undefined) => ListPage) => {
  const [requested, notes, listed]: [PageOptions[], string[], string[]] = [[], [], []];
  const listPage = async (_filter: unknown, page: PageOptions = {}) => {
    requested.push(page);
    return pageAfter(page.cursor);
  };
  for await (const { workflowId } of listStuck({ listPage }, { stuck: true }, (text) => void notes.push(text)))
    listed.push(workflowId);
  return { requested, notes, listed };
};

const pageOf = (workflowId: string, cursor?: string): ListPage => ({
  onboardings: [{ workflowId, execution: 'RUNNING', pending: [], registrationIds: [], startedAt: new Date(0) }],
  ...(cursor === undefined ? {} : { cursor }),
});

describe('the list of stuck onboardings', () => {
  it('continues to the next page, also after an empty page', async () => {
    const pages = new Map<string | undefined, ListPage>([
      [undefined, { onboardings: [], cursor: 'a' }],
      ['a', pageOf('second', 'b')],
      ['b', pageOf('third')],
    ]);
    const { notes, listed } = await listFrom((cursor) => pages.get(cursor) ?? pageOf('no such page'));
    expect(listed).toEqual(['second', 'third']);
    expect(notes).toEqual([]);
  });

  it('ends after 10,000 onboardings, and notes that there are more', async () => {
    const { requested, notes, listed } = await listFrom((cursor = '') => pageOf(`after ${cursor}`, `${cursor}x`));
    expect(requested).toHaveLength(10);
    expect(requested.every(({ limit }) => limit === 1_000)).toBe(true);
    expect(listed).toHaveLength(10);
    expect(notes).toEqual([expect.stringContaining('Only the newest 10000 onboardings were checked')]);
  });
});
