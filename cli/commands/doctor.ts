import * as t from 'io-ts';
import { SECOND_MS } from '../../shared/time.js';
import { addCommand } from '../command.js';
import type { Finding } from '../doctor/finding.js';
import type { CommandGroup } from '../groups.js';
import { plain } from '../showing/plain.js';
import type { Terminal } from '../terminal.js';

const TIMEOUT_MS = 10 * SECOND_MS;

const MARKS = { ok: ['green', 'ok     '], wrong: ['red', 'wrong  '], skipped: ['dim', 'skipped'] } as const;

const show = ({ line, style }: Terminal, finding: Finding): void => {
  const [colour, word] = MARKS[finding.state];
  line(`${style(colour, word)}  ${finding.about.padEnd(17)}  ${plain(finding.found)}`);
  if (finding.state === 'wrong') line(`${' '.repeat(28)}${plain(finding.mend)}`);
};

/** `onboarding doctor`. */
export const addDoctor: CommandGroup = (program, { terminal, config, exitWith }) =>
  addCommand(program, {
    name: 'doctor',
    describe: 'Look after everything that onboardings need, and say how to mend what is wrong.',
    codec: t.type({}),
    examples: [
      ['onboarding doctor', 'Ends with 1 where anything is wrong.'],
      ['onboarding doctor --json | jq .findings', 'The same as JSON.'],
    ],
    run: async ({ options: { json, timeoutMs = TIMEOUT_MS } }) => {
      const settings = await config();
      const [temporal, secrets, verifik] = await Promise.all([
        import('../doctor/temporal.js'),
        import('../doctor/secrets.js'),
        import('../doctor/verifik.js'),
      ]);
      const { namespace, findings: ofTemporal } = await temporal.lookAtTemporal({
        taskQueue: settings.taskQueue,
        timeoutMs,
      });
      const findings = [
        ...ofTemporal,
        await secrets.lookAtKeys(settings, namespace),
        secrets.lookAtContactKey(settings),
        await verifik.lookAtVerifik(settings),
      ];
      const isWell = findings.every(({ state }) => state !== 'wrong');
      if (json) terminal.json({ ok: isWell, findings });
      else for (const finding of findings) show(terminal, finding);
      exitWith(isWell ? 'ok' : 'failed');
    },
  });
