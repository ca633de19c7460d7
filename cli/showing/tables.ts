import { getBorderCharacters, table } from 'table';

/** Rows under a head, without lines around them. */
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  table(
    [head, ...rows].map((row) => [...row]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0, paddingRight: 2 },
      drawHorizontalLine: () => false,
    },
  )
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
