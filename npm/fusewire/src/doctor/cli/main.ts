import { parseArgs } from 'node:util';
import { describeError } from '../../logging.ts';
import { formatMigration, migrate } from '../../migrate/migrate.ts';
import { diagnose } from '../diagnose.ts';
import { rules } from '../rules.ts';
import { formatJson, formatReport, formatRules } from './format.ts';
import { HELP } from './help.ts';
import { EMPTY, load } from './load.ts';
import { searchSources } from './search-sources.ts';
import { UsageError } from './usage-error.ts';

declare const VERSION: string;

/** Exit codes of the program. */
const EXIT = { SUCCESS: 0, ERRORS: 1, USAGE: 2 } as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

const DEFAULT_TIMEOUT = 30_000;
const LONGEST_TIMEOUT = 2_147_483_647;

/** Arguments of `fusewire doctor`. */
interface Arguments {
  readonly files: readonly string[];
  /** Folders and files whose sources are searched. */
  readonly sources: readonly string[];
  /** Milliseconds that the import of one module may take. */
  readonly timeout: number;
  readonly json: boolean;
  readonly coloured: boolean;
}

/** Text for standard output, and the exit code. */
type Output = readonly [text: string, exit: Exit];

/** Runs the program `fusewire`. Never throws. */
export async function main(args: readonly string[]): Promise<void> {
  const finish = redirectOutput();
  process.on('uncaughtException', fail);
  process.once('exit', onEarlyExit);
  try {
    finish(await run(args));
  } catch (error) {
    fail(error);
  }
}

async function run(args: readonly string[]): Promise<Output> {
  const { values, positionals } = parse(args);
  const [command, ...files] = positionals;
  if (values.help === true || args.length === 0) return [HELP, args.length === 0 ? EXIT.USAGE : EXIT.SUCCESS];
  if (values.version === true) return [`${VERSION}\n`, EXIT.SUCCESS];
  if (command === 'migrate') return rename(files, values.write === true);
  if (command !== 'doctor') throw new UsageError(`there is no command ${command ?? ''}; see --help`);
  if (values.rules === true) return [formatRules(rules), EXIT.SUCCESS];
  const coloured =
    values['no-color'] !== true && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true;
  const timeout = readTimeout(values.timeout);
  return examine({ files, sources: values.sources ?? [], timeout, json: values.json === true, coloured });
}

/** Gives the sources in these files and folders the names of version 1. */
function rename(paths: readonly string[], isWriting: boolean): Output {
  if (paths.length === 0) throw new UsageError('migrate needs the files or folders to read');
  return [formatMigration(migrate(paths, isWriting), isWriting), EXIT.SUCCESS];
}

async function examine({ files, sources, timeout, json, coloured }: Arguments): Promise<Output> {
  const searched = searchSources(sources);
  const loaded = files.length > 0 || sources.length === 0 ? await load(files, timeout) : EMPTY;
  const { breakers, pipelines } = loaded.configuration;
  const diagnostics = [...searched.diagnostics, ...loaded.diagnostics, ...diagnose(loaded.configuration)];
  const report = {
    breakers: breakers.length,
    pipelines: pipelines.length,
    sources: searched.files,
    diagnostics,
  };
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  return [json ? formatJson(report) : formatReport(report, coloured), hasErrors ? EXIT.ERRORS : EXIT.SUCCESS];
}

function readTimeout(value: string | undefined): number {
  const timeout = value === undefined ? DEFAULT_TIMEOUT : Number(value);
  if (Number.isInteger(timeout) && timeout >= 1 && timeout <= LONGEST_TIMEOUT) return timeout;
  throw new UsageError(`--timeout must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}, got ${value}`);
}

function parse(args: readonly string[]) {
  const options = {
    help: { type: 'boolean' },
    json: { type: 'boolean' },
    'no-color': { type: 'boolean' },
    rules: { type: 'boolean' },
    sources: { type: 'string', multiple: true },
    timeout: { type: 'string' },
    version: { type: 'boolean' },
    write: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/**
 * Redirects the standard output of the loaded program to standard error, so that it does not mix with the report. Returns
 * a function that writes to the real standard output, and exits.
 */
function redirectOutput(): (output: Output) => void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return ([text, exit]) => {
    process.off('exit', onEarlyExit);
    write(text, () => process.exit(exit));
  };
}

/** Reports that the process exits before the checks ran, whatever exit code the loaded program chose. */
function onEarlyExit(): void {
  process.exitCode = EXIT.USAGE;
  process.stderr.write(
    'fusewire: a loaded module ended the process, or awaits a promise that never settles; nothing was checked\n',
  );
}

function fail(error: unknown): void {
  process.off('exit', onEarlyExit);
  const text = error instanceof UsageError ? error.message : `the doctor failed: ${describeError(error)}`;
  process.stderr.write(`fusewire: ${text}\n`, () => process.exit(EXIT.USAGE));
}
