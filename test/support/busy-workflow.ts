/** Counts without yielding. No timer can end it: the clock of a workflow does not advance meanwhile. */
export async function busy(rounds: number): Promise<number> {
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) sum += round % 7;
  return sum;
}
