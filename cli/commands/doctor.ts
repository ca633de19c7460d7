import * as t from 'io-ts';
import { SECOND_MS } from '../../shared/time.js';
import { addCommand, type CommandGroup } from '../command.js';
import type { Finding } from '../doctor/finding.js';
import { plain } from '../format/text.js';
import type { Terminal } from '../terminal.js';

const TIMEOUT_MS = 10 * SECOND_MS;

const MARKS = { ok: ['green', 'ok     '], wrong: ['red', 'wrong  '], skipped: ['dim', 'skipped'] } as const;

const show = ({ line, style }: Terminal, finding: Finding): void => {
  const [colour, label] = MARKS[finding.state];
  line(`${style(colour, label)}  ${finding.about.padEnd(17)}  ${plain(finding.found)}`);
  if (finding.state === 'wrong') line(`${' '.repeat(28)}${plain(finding.fix)}`);
};

export const addDoctor: CommandGroup = (program, { terminal, config, exitWith }) =>
  addCommand(program, {
    name: 'doctor',
    describe: 'Examine everything that onboardings need, and say how to fix problems.',
    codec: t.type({}),
    examples: [
      ['onboarding doctor', 'Exits with 1 if there is a problem.'],
      ['onboarding doctor --json | jq .findings', 'The findings as JSON.'],
    ],
    run: async ({ options: { json, timeoutMs = TIMEOUT_MS } }) => {
      const settings = await config();
      const [temporal, secrets, verifik] = await Promise.all([
        import('../doctor/temporal.js'),
        import('../doctor/secrets.js'),
        import('../doctor/verifik.js'),
      ]);
      const { namespace, findings: temporalFindings } = await temporal.examineTemporal({
        taskQueue: settings.taskQueue,
        timeoutMs,
      });
      const findings = [
        ...temporalFindings,
        await secrets.examineKeys(settings, namespace),
        secrets.examineContactKey(settings),
        await verifik.examineVerifik(settings),
      ];
      const isOk = findings.every(({ state }) => state !== 'wrong');
      if (json) terminal.json({ ok: isOk, findings });
      else for (const finding of findings) show(terminal, finding);
      exitWith(isOk ? 'ok' : 'failed');
    },
  });
