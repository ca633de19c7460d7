/** Spaces, and control characters, which could end the line. */
const BLANKS = /[\s\p{Cc}]+/gu;

/**
 * Formats a text from outside as code in Markdown, in which markup, HTML and web addresses have no effect
 * (CommonMark 0.31, 6.1).
 */
export const code = (text: string): string => {
  const line = text.replace(BLANKS, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
};
