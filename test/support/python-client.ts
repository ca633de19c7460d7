import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { findPythonGenerator } from '../../tools/servers/index.js';

/**
 * Generates a Python client from the OpenAPI document at the URL without any warning, installs it in an empty folder,
 * and checks the types of a program that uses it. Returns the Python that runs the program.
 */
export const installPythonClient = async (documentUrl: string, program: string): Promise<string> => {
  const generator = await findPythonGenerator(() => undefined);
  const cwd = mkdtempSync(join(tmpdir(), 'python-client-'));
  // The generator formats with ruff, which is installed beside it.
  const env = { PATH: [dirname(generator), process.env['PATH']].join(delimiter) };
  const generate = ['generate', '--url', documentUrl, '--output-path', 'client', '--fail-on-warning'];
  await execa(generator, ['-m', 'openapi_python_client', ...generate], { cwd, env });
  await execa(generator, ['-m', 'venv', 'installed'], { cwd });
  const python = join(cwd, 'installed', 'bin', 'python');
  await execa(python, ['-m', 'pip', 'install', '--quiet', './client'], { cwd });
  await execa(generator, ['-m', 'mypy', '--strict', '--python-executable', python, program], { cwd });
  return python;
};
