import { parseArgs } from 'node:util';
import { describe } from '../../logging.ts';
import { diagnose } from '../diagnose.ts';
import { rules } from '../rules.ts';
import { HELP } from './help.ts';
import { load, NOTHING } from './loading.ts';
import { Misuse } from './misuse.ts';
import { printed, printedRules } from './printing.ts';
import { search } from './sources.ts';

declare const VERSION: string;

/** How it ended, for the shell. */
const EXIT = { FINE: 0, FOUND: 1, MISUSE: 2 } as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

/** What the doctor was asked to do. */
interface Arguments {
  readonly files: readonly string[];
  /** Folders of sources to be looked through. */
  readonly sources: readonly string[];
  readonly json: boolean;
  readonly coloured: boolean;
}

/** Runs the program `fusewire`. Never throws. */
export async function main(given: readonly string[]): Promise<void> {
  const write = keepOutput();
  process.on('uncaughtException', fail);
  process.once('exit', endedEarly);
  try {
    write(await run(given));
  } catch (error) {
    fail(error);
  }
}

type Output = readonly [text: string, exit: Exit];

async function run(given: readonly string[]): Promise<Output> {
  const { values, positionals } = parse(given);
  const [command, ...files] = positionals;
  if (values.help === true || given.length === 0) return [HELP, given.length === 0 ? EXIT.MISUSE : EXIT.FINE];
  if (values.version === true) return [`${VERSION}\n`, EXIT.FINE];
  if (command !== 'doctor') throw new Misuse(`there is no command ${command ?? ''}; see --help`);
  if (values.rules === true) return [printedRules(rules), EXIT.FINE];
  const coloured =
    values['no-color'] !== true && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true;
  return examine({ files, sources: values.sources ?? [], json: values.json === true, coloured });
}

async function examine({ files, sources, json, coloured }: Arguments): Promise<Output> {
  const searched = search(sources);
  const loaded = files.length > 0 || sources.length === 0 ? await load(files) : NOTHING;
  const { breakers, pipelines } = loaded.configuration;
  const findings = [...searched.findings, ...loaded.findings, ...diagnose(loaded.configuration)];
  const report = { breakers: breakers.length, pipelines: pipelines.length, sources: searched.files, findings };
  const text = json ? `${JSON.stringify(report, undefined, 2)}\n` : printed(report, coloured);
  return [text, findings.some(({ severity }) => severity === 'error') ? EXIT.FOUND : EXIT.FINE];
}

function parse(given: readonly string[]) {
  const options = {
    help: { type: 'boolean' },
    json: { type: 'boolean' },
    'no-color': { type: 'boolean' },
    rules: { type: 'boolean' },
    sources: { type: 'string', multiple: true },
    version: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...given], options, allowPositionals: true });
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

/** What a program prints while it is loaded is not the report: it goes elsewhere. Returns what writes, and ends. */
function keepOutput(): (output: Output) => void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return ([text, exit]) => {
    process.off('exit', endedEarly);
    write(text, () => process.exit(exit));
  };
}

/** What is loaded can end the program, or leave it nothing to wait for: whatever it ends with, nothing was looked at. */
function endedEarly(): void {
  process.exitCode = EXIT.MISUSE;
  process.stderr.write('fusewire: what was loaded ended the program, or waits for what never comes\n');
}

function fail(error: unknown): void {
  process.off('exit', endedEarly);
  const text = error instanceof Misuse ? error.message : `the doctor failed: ${describe(error)}`;
  process.stderr.write(`fusewire: ${text}\n`, () => process.exit(EXIT.MISUSE));
}
