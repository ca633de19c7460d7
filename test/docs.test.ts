import { readdirSync, readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { SETTINGS as CLI_SETTINGS } from '../cli/config.js';
import { EXITS } from '../cli/exit-codes.js';
import { DEFAULT_TIMEOUT_MS } from '../client/calls/calls.js';
import { CLIENT_ERRORS } from '../client/errors.js';
import { ConnectFields, type ConnectOptions } from '../client/options.js';
import { REFUSALS } from '../codec-server/refusals.js';
import { SETTINGS as CODEC_SERVER_SETTINGS } from '../codec-server/settings.js';
import { DEFAULT_TASK_QUEUE } from '../contract/messages.js';
import { PUBLISH_CHECKS_WITHIN_MS } from '../contract/search-attributes.js';
import { CHANGES } from '../domain/changes.js';
import { CHECK_REASONS } from '../domain/check-reasons.js';
import { DURATIONS, METRICS } from '../domain/measurements.js';
import { REASONS } from '../domain/outcomes.js';
import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import { RequestProps } from '../domain/request.js';
import { OVERLAPS } from '../domain/revalidation/schedule.js';
import { PROBLEMS } from '../gateway/problems.js';
import { EventCodec } from '../gateway/schemas/event.js';
import { FunnelCodec } from '../gateway/schemas/funnel.js';
import { OnboardingCodec } from '../gateway/schemas/onboarding.js';
import { SETTINGS as GATEWAY_SETTINGS } from '../gateway/settings.js';
import { WEBHOOK_RESULTS } from '../gateway/webhooks/index.js';
import type { SettingTable } from '../shared/settings.js';
import { FAULT_KINDS } from '../tools/sandbox/faults/faults.js';
import { DEFAULT_SETTINGS } from '../tools/sandbox/settings.js';
import { WEBHOOK_MEANINGS } from '../verifik/webhook-types.js';
import { SETTINGS } from '../worker/settings.js';
import { TUNING_SETTINGS } from '../worker/tuning.js';
import * as workflows from '../workflows/index.js';
import { sectionOf } from './e2e/documents.js';
import { type FieldRow, fieldRows, inWords } from './support/field-rows.js';

const doc = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

const settingRows = (name: string) =>
  doc(name)
    .split('\n')
    .filter((line) => line.startsWith('| `'));

const rowsOf = (settings: SettingTable) =>
  Object.entries(settings).map(([name, { env, fallback, meaning }]) => {
    const shown = fallback === undefined ? 'none' : `\`${fallback}\``;
    return `| \`${env}\` | \`${name}\` | ${shown} | ${meaning} |`;
  });

const tableIn = (name: string, section: string): readonly string[] =>
  sectionOf(doc(name), section)
    .split('\n')
    .filter((line) => line.startsWith('| `'));

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The defaults of the client's options. The type demands that none is missing. */
const OPTION_DEFAULTS: Readonly<Record<keyof ConnectOptions, string>> = {
  contactKey: 'required',
  publishChecksWithinMs: inWords('Ms', PUBLISH_CHECKS_WITHIN_MS),
  taskQueue: `\`${DEFAULT_TASK_QUEUE}\``,
  timeoutMs: inWords('Ms', DEFAULT_TIMEOUT_MS),
  keyProvider: 'the environment',
  interceptors: 'none',
};

const defaultOf = ({ path, isRequired }: FieldRow): string => {
  const [root, name = '', ...rest] = path.split('.');
  if (root !== 'policy') return isRequired ? 'required' : 'none';
  if (name === 'required') return "the flow's mandatory checks";
  const value: unknown = [name, ...rest].reduce<unknown>((at, key) => Object(at)[key], DEFAULT_POLICY);
  if (value === undefined) return 'none';
  if (typeof value === 'object') return '';
  return name === 'attemptLimits' ? `the flow's, or ${value}` : inWords(path, value);
};

const examplesIn = (name: string, section: string): readonly unknown[] =>
  [...sectionOf(doc(name), section).matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));

const isDecodable = (codec: t.Decoder<unknown, unknown>, example: unknown): boolean => E.isRight(codec.decode(example));

describe('the documents', () => {
  it('are all in their index', () => {
    const files = readdirSync(new URL('../docs/', import.meta.url)).filter((name) => /\.md$/.test(name));
    const listed = [...doc('README.md').matchAll(/\]\((\w[\w-]*\.md)\)/g)].map(([, name]) => name);
    expect([...listed, 'README.md'].sort()).toEqual(files.sort());
  });

  it('list every setting of the worker with its default and meaning, and no other', () => {
    expect(settingRows('configuration.md')).toEqual(rowsOf(SETTINGS));
  });

  it('list every setting of the codec server, and every refusal of it', () => {
    expect(settingRows('codec-server.md')).toEqual(rowsOf(CODEC_SERVER_SETTINGS));
    for (const [word, { status, meaning }] of Object.entries(REFUSALS))
      expect(doc('codec-server.md')).toContain(`| ${status} | \`${word}\` | ${meaning} |`);
  });

  it('list every setting of the gateway, and every problem that it answers with', () => {
    expect(settingRows('gateway.md').filter((row) => /^\| `[A-Z_]+` \|/.test(row))).toEqual(rowsOf(GATEWAY_SETTINGS));
    for (const [code, { status, meaning }] of Object.entries(PROBLEMS))
      expect(doc('gateway.md')).toContain(`| ${status} | \`${code}\` | ${meaning} |`);
  });

  it("name every setting of a worker's limits where they say how to scale, and no setting that does not exist", () => {
    const named = [...doc('scaling.md').matchAll(/`((?:ONBOARDING|GATEWAY|VERIFIK)_[A-Z_]+)/g)].map(([, env]) => env);
    const existing = [...Object.values(SETTINGS), ...Object.values(GATEWAY_SETTINGS)].map(({ env }) => env);
    expect(existing).toEqual(expect.arrayContaining(named));
    expect(named).toEqual(expect.arrayContaining(Object.values(TUNING_SETTINGS).map(({ env }) => env)));
  });

  it('list every setting and every exit code of the command line, and no other', () => {
    expect(settingRows('cli.md').filter((row) => /^\| `[A-Z_]+` \|/.test(row))).toEqual(rowsOf(CLI_SETTINGS));
    const rows = doc('cli.md')
      .split('\n')
      .filter((line) => /^\| \d+ \|/.test(line));
    expect(rows).toEqual(Object.values(EXITS).map(({ code, meaning }) => `| ${code} | ${meaning} |`));
  });

  it('list every error that the client throws, and what to do about it', () => {
    const text = doc('client.md');
    for (const [type, advice] of Object.entries(CLIENT_ERRORS)) expect(text).toContain(`| \`${type}\` | ${advice} |`);
  });

  it("list every option of the client's connection with its limits and default", () => {
    const limits = new Map(fieldRows(ConnectFields).map((field) => [field.path, field.limits]));
    const rows = Object.entries(OPTION_DEFAULTS).map(([name, value]) =>
      row(`\`${name}\``, limits.get(name) ?? 'none', value),
    );
    expect(tableIn('client.md', 'Connecting').map((line) => line.replace(/\| [^|]* \|$/, '|'))).toEqual(rows);
  });

  it('list every field of a request with its limits, its default and its meaning', () => {
    const rows = fieldRows(RequestProps).map((field) =>
      row(`\`${field.path}\``, field.limits, defaultOf(field), field.meaning),
    );
    expect(tableIn('client.md', 'The request')).toEqual(rows);
  });

  it('show a snapshot, an event and a funnel that their codecs accept', () => {
    const [snapshot] = examplesIn('client.md', 'The snapshot');
    expect(isDecodable(OnboardingCodec, Object.assign({ id: 'customer-4711' }, snapshot))).toBe(true);
    const [event] = examplesIn('events.md', 'The events');
    expect(isDecodable(EventCodec, event)).toBe(true);
    expect(examplesIn('client.md', 'The funnel').map((funnel) => isDecodable(FunnelCodec, funnel))).toEqual([true]);
  });

  it('list every setting and every kind of fault of the sandbox', () => {
    const text = doc('sandbox.md');
    for (const name of Object.keys(DEFAULT_SETTINGS)) expect(text).toContain(`| \`${name}\` |`);
    for (const kind of FAULT_KINDS) expect(text).toContain(`\`${kind}\``);
  });

  it('list every suffix of a webhook with what it is taken for, and no other, and every result', () => {
    expect(settingRows('webhooks.md')).toEqual(
      [...Object.entries(WEBHOOK_RESULTS), ...WEBHOOK_MEANINGS].map(
        ([word, meaning]) => `| \`${word}\` | ${meaning} |`,
      ),
    );
  });

  it('list every event that a service is reported, and when', () => {
    const rows = doc('events.md')
      .split('\n')
      .filter((line) => line.startsWith('| `onboarding.'));
    const told = Object.entries(CHANGES).map(([type, when]) => `| \`${type}\` | ${when} |`);
    expect(rows.map((row) => row.split('|').slice(0, 3).join('|').concat('|'))).toEqual(told);
  });

  it('list what a schedule of batches does where the one before is running', () => {
    for (const [overlap, what] of Object.entries(OVERLAPS))
      expect(doc('batches.md')).toContain(`| \`${overlap}\` | ${what} |`);
  });

  it('list every workflow with the reason why it goes on with the current build', () => {
    const rows = doc('upgrading.md').matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm);
    expect([...rows].map(([, name]) => name).sort()).toEqual(Object.keys(workflows).sort());
  });

  it('list every reason of a check with its sentence', () => {
    const text = doc('onboarding.md');
    for (const [code, sentence] of Object.entries(CHECK_REASONS))
      expect(text).toContain(`| \`${code}\` | ${sentence} |`);
  });

  it('list every metric of the funnel with its description, and no other', () => {
    const isDuration = (metric: string) => DURATIONS.some((name) => name === metric);
    const rows = Object.entries(METRICS).map(
      ([metric, description]) => `| \`${metric}_${isDuration(metric) ? 's' : 'total'}\` | ${description} |`,
    );
    expect(tableIn('operating.md', 'The funnel').map((line) => line.replace(/\| [^|]* \|$/, '|'))).toEqual(rows);
  });

  it('list every reason for which an onboarding ends', () => {
    const text = doc('onboarding.md');
    for (const [reason, { outcome }] of Object.entries(REASONS))
      expect(text).toContain(`| \`${outcome}\` | \`${reason}\` |`);
  });
});
