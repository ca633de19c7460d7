import { clearScreenDown, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

/** Draws lines on a terminal, each time in the place of those before. */
export const canvas = (output: NodeJS.WriteStream): ((lines: readonly string[]) => void) => {
  let drawn = '';
  let rows = 0;
  return (lines) => {
    const text = lines.join('\n');
    if (text === drawn) return;
    if (rows > 0) {
      moveCursor(output, 0, -rows);
      clearScreenDown(output);
    }
    output.write(`${text}\n`);
    const columns = output.columns || 80;
    // A long line takes more rows than one.
    rows = lines
      .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)))
      .reduce((sum, taken) => sum + taken, 0);
    drawn = text;
  };
};
