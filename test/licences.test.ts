import { readFileSync } from 'node:fs';
import * as t from 'io-ts';
import { expect, it } from 'vitest';
import { decodeFields } from '../shared/decoding.js';

const Lockfile = t.type({
  packages: t.record(t.string, t.partial({ license: t.string, dev: t.boolean, link: t.boolean })),
});

/** Licences that allow commercial use without disclosure of source code. CC-BY-4.0 is for data. */
const PERMITTED = /^\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0|CC-BY-4\.0)\)?$/;

/** Its file LICENSE is the Unlicense. */
const UNNAMED = ['node_modules/unionfs'];

it('every package that is installed with the product has a permitted licence', () => {
  const decoded = decodeFields(Lockfile)(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const packages = decoded._tag === 'Right' ? Object.entries(decoded.right.packages) : [];
  const shipped = packages.filter(([path, { dev, link }]) => path !== '' && dev !== true && link !== true);
  expect(shipped.length).toBeGreaterThan(100);
  const isPermitted = ([path, { license = '' }]: (typeof shipped)[number]): boolean =>
    license === '' ? UNNAMED.includes(path) : license.split(' AND ').every((one) => PERMITTED.test(one));
  expect(shipped.filter((one) => !isPermitted(one))).toEqual([]);
});
