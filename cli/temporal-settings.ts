import * as t from 'io-ts';
import type { FieldError } from '../shared/decoding.js';
import { expectedFile, fieldOfFile } from '../shared/text-file.js';

const TomlError = t.type({ line: t.number, column: t.number, codeblock: t.string });

const FileError = t.intersection([t.type({ syscall: t.string }), t.partial({ path: t.string })]);

/**
 * Describes an error of Temporal's own settings: the variables, its configuration file, and the files that these name.
 * The error's message may contain credentials, so only its kind and position are used.
 */
export const wrongTemporalSetting = (error: unknown, env = process.env): FieldError => {
  const { TEMPORAL_CONFIG_FILE: file = 'the default file' } = env;
  if (FileError.is(error))
    return { field: fieldOfFile("Temporal's configuration", error.path ?? file), expected: expectedFile(error) };
  if (TomlError.is(error))
    return {
      field: fieldOfFile("Temporal's configuration", file),
      expected: `TOML (wrong at line ${error.line}, column ${error.column})`,
    };
  if (error instanceof Error && error.message.startsWith("Profile '"))
    return { field: '--profile or TEMPORAL_PROFILE', expected: `a profile in Temporal's configuration (${file})` };
  return { field: 'TEMPORAL_…', expected: "settings that Temporal's configuration can be read from" };
};
