import { describe, expect, it } from 'vitest';
import { alerts, read } from './files.js';

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe('the alerts', () => {
  it.each(alerts())(
    '$alert says what to do, and where that is written',
    ({ annotations: { runbook, description } }) => {
      expect(description.length).toBeGreaterThan(40);
      const [file = '', anchor] = runbook.split('#');
      const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    },
  );
});
