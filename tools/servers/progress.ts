/** Reports the start of a long step, such as a build. */
export type Progress = (step: string) => void;

/** Shows a long step on standard error: with the elapsed time on a terminal, as one line elsewhere. */
export const showProgress = (): { readonly progress: Progress; readonly done: () => void } => {
  const { stderr } = process;
  let timer: NodeJS.Timeout | undefined;
  const done = () => {
    clearInterval(timer);
    if (timer !== undefined) stderr.write('\n');
    timer = undefined;
  };
  const progress: Progress = (step) => {
    done();
    if (!stderr.isTTY) {
      stderr.write(`${step} …\n`);
      return;
    }
    const since = Date.now();
    const show = () => void stderr.write(`\r${step} … ${Math.round((Date.now() - since) / 1_000)} s`);
    show();
    timer = setInterval(show, 1_000);
  };
  return { progress, done };
};
