import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a file of policies to a folder of its own, and returns its path. */
export const newPoliciesFile = (policies: object): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'onboarding-policies-')), 'policies.json');
  writeFileSync(path, JSON.stringify({ policies }));
  return path;
};
