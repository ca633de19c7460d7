import { SECOND_MS } from '../../shared/time.js';
import { command, flag } from '../command.js';
import type { Finding } from '../doctor/finding.js';
import { plain } from '../format/text.js';
import type { Terminal } from '../terminal.js';

const TIMEOUT_MS = 10 * SECOND_MS;

const MARKS = { ok: ['green', 'ok     '], wrong: ['red', 'wrong  '], skipped: ['dim', 'skipped'] } as const;

const linesOf = ({ style }: Terminal, finding: Finding): readonly string[] => {
  const [colour, label] = MARKS[finding.state];
  return [
    `${style(colour, label)}  ${finding.about.padEnd(17)}  ${plain(finding.found)}`,
    ...(finding.state === 'wrong' ? [`${' '.repeat(28)}${plain(finding.fix)}`] : []),
  ];
};

export const doctor = command({
  name: 'doctor',
  describe: 'Examine everything that onboardings need, and say how to fix problems.',
  options: { fix: flag('register the search attributes that are missing') },
  examples: {
    'verifik-onboarding doctor': 'Exits with 1 if there is a problem.',
    'verifik-onboarding doctor --fix': 'Also registers missing search attributes, as setup does.',
    'verifik-onboarding doctor --json | jq .findings': 'The findings as JSON.',
  },
  run: async ({ options: { fix = false }, call: { timeoutMs = TIMEOUT_MS }, show }, { terminal, config, exitWith }) => {
    const settings = await config();
    const [
      { examineTemporal },
      { examineContactKey, examineEvidenceKeys, examineKeys, examinePolicies, examineVerifik },
    ] = await Promise.all([import('../doctor/temporal.js'), import('../doctor/configuration.js')]);
    const temporal = await examineTemporal({ taskQueue: settings.taskQueue, fix }, timeoutMs);
    const findings = [
      ...temporal.findings,
      await examineKeys(settings, temporal.namespace),
      await examineEvidenceKeys(settings),
      await examineContactKey(settings),
      await examinePolicies(settings),
      ...(await examineVerifik(settings)),
    ];
    const isOk = findings.every(({ state }) => state !== 'wrong');
    show(
      { ok: isOk, findings },
      findings.flatMap((finding) => linesOf(terminal, finding)),
    );
    exitWith(isOk ? 'ok' : 'failed');
  },
});
