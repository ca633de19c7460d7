/** The sum of a metric's samples on a page for Prometheus: of those whose labels hold the text. */
export const metricOn = async (url: string, name: string, label = ''): Promise<number> => {
  const lines = (await (await fetch(url)).text()).split('\n');
  const samples = lines.filter(
    (line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? '') && line.includes(label),
  );
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
};
