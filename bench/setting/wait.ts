import { setTimeout as pause } from 'node:timers/promises';

const ASK_AGAIN_MS = 50;
const WITHIN_MS = 60_000;

/** Waits until it is so. Rejects with what was waited for when that takes too long. */
export const waitUntil = async (
  isSo: () => Promise<boolean>,
  what: string,
  { withinMs = WITHIN_MS, everyMs = ASK_AGAIN_MS }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1_000} s for ${what}`);
    await pause(everyMs);
  }
};

/** Whether the address answers that all is well. */
export const answersWell = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
