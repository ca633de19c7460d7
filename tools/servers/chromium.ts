import { ensureCommand, findOnPath } from './packages.js';
import type { Progress } from './ways.js';

/** What Chromium and its kin are called on PATH; the first is Debian's. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome'] as const;

/** The browser that the tests open the Temporal UI with: one on PATH, or else Debian's, installed where that may be done. */
export const findChromium = async (progress: Progress): Promise<string> => {
  for (const command of COMMANDS) {
    const present = await findOnPath(command);
    if (present !== undefined) return present;
  }
  const [command] = COMMANDS;
  // The checklist in the UI is drawn with emoji, which no other font of a small machine has.
  return ensureCommand(command, [command, 'fonts-noto-color-emoji'], progress);
};
