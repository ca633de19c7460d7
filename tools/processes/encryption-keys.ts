import { resolve } from 'node:path';

import { developmentKeys, developmentKeysPath, KEY_VARIABLES } from '../../codec/index.js';

/** The file of the key ring that all processes of the demo share: the one that is configured, or else the development key's. */
export const sharedKeysFile = async (): Promise<string> => {
  const configured = process.env[KEY_VARIABLES.file];
  if (configured) return resolve(configured);
  const path = developmentKeysPath();
  await developmentKeys(path).read();
  return path;
};
