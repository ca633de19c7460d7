import { clearScreenDown, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

/** Returns a function that writes lines to a terminal in place of the lines that it wrote before. */
export const liveOutput = (output: NodeJS.WriteStream): ((lines: readonly string[]) => void) => {
  let written = '';
  let rows = 0;
  return (lines) => {
    const text = lines.join('\n');
    if (text === written) return;
    if (rows > 0) {
      moveCursor(output, 0, -rows);
      clearScreenDown(output);
    }
    output.write(`${text}\n`);
    const columns = output.columns || 80;
    // A long line wraps, and takes several rows.
    rows = lines
      .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)))
      .reduce((sum, taken) => sum + taken, 0);
    written = text;
  };
};
