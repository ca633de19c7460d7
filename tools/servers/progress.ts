import type { Progress } from './ways.js';

/** Tells what takes long on standard error: with the time that has gone by on a terminal, a plain line elsewhere. */
export const showProgress = (): { readonly progress: Progress; readonly done: () => void } => {
  const { stderr } = process;
  let timer: NodeJS.Timeout | undefined;
  const done = () => {
    clearInterval(timer);
    if (timer !== undefined && stderr.isTTY) stderr.write('\n');
    timer = undefined;
  };
  const progress: Progress = (what) => {
    done();
    if (!stderr.isTTY) {
      stderr.write(`${what} …\n`);
      return;
    }
    const since = Date.now();
    const show = () => void stderr.write(`\r${what} … ${Math.round((Date.now() - since) / 1_000)} s`);
    show();
    timer = setInterval(show, 1_000);
  };
  return { progress, done };
};
